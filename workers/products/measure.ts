/**
 * @file What a product of a weight matrix costs on an adapter, by codec, number of tokens, and how the kernel is cut: what
 * the shapes of a preset are chosen by. For the page's view Bench, and for `tests/bench/real-gpu.ts`.
 */

import type { LeftOut, ProductCost, ProductReport, ProductStep, Took } from '../../demo/views/bench/product-costs.ts'
import { createOwner } from '../../src/core/dispose.ts'
import type { WeightFormat } from '../../src/core/protocol.ts'
import { uniform } from '../../src/core/random.ts'
import { presetOf } from '../../src/forward/gpu-backend.ts'
import { createBuffer } from '../../src/gpu/buffer.ts'
import type { Gpu } from '../../src/gpu/device.ts'
import { createDispatchList, createKernelCache } from '../../src/gpu/dispatch-list.ts'
import { nudged } from '../../src/gpu/nudge.ts'
import { submit } from '../../src/gpu/recorder.ts'
import { matmul } from '../../src/kernels/matmul.ts'
import { createMatrix, writeRows } from '../../src/kernels/matrix.ts'
import { softwarePreset } from '../../src/kernels/preset.ts'
import { encodeWeights } from '../../src/model/prepare.ts'
import { presetWith, productsToTry } from './shapes.ts'
import { timeInTurns } from './time-in-turns.ts'

const ROWS = 3072
const COLUMNS = 768
const MADE_UP_ROWS = 32 // again and again: what the weights are costs nothing
const CODECS: readonly WeightFormat[] = ['f32', 'f16', 'q8', 'q4']
const TOKENS = [1, 8, 128]

/** What `measureProducts` takes. */
export interface ProductOptions {
  readonly clock: () => Took
  /** About how long it may take: ways are left out and rounds are fewer on slow adapters. */
  readonly budgetMs: number
  readonly onStep: (step: ProductStep) => void
}

/** Products of a (3072, 768) matrix in every shape that the adapter can have. */
export async function measureProducts(gpu: Gpu, { clock, budgetMs, onStep }: ProductOptions): Promise<ProductReport> {
  const kernels = createKernelCache(gpu)
  const presets = (['gpu', 'software'] as const).map((name) => presetOf(name, gpu))
  const kinds = CODECS.flatMap((codec) => TOKENS.map((tokens) => ({ codec, tokens })))
  const endMs = clock().wallMs + budgetMs
  const costs: ProductCost[] = []
  const leftOut: LeftOut[] = []
  for (const [done, { codec, tokens }] of kinds.entries()) {
    onStep({ done, total: kinds.length, codec, tokens })
    const owner = createOwner()
    const matrix = owner.own(createMatrix(gpu, { label: 'w', columns: COLUMNS, stacked: [{ codec, rows: ROWS }] }))
    const weights = new Uint8Array(madeUp(1, MADE_UP_ROWS * COLUMNS).buffer)
    const encoded = encodeWeights(weights, { dtype: 'F32', codec, name: 'w', columns: COLUMNS })
    for (let row = 0; row < ROWS; row += MADE_UP_ROWS) writeRows(gpu, matrix, row, encoded)
    const buffer = (label: string, byteLength: number, use: 'storage' | 'uniform') =>
      owner.own(createBuffer(gpu, { label, byteLength, use }))
    const input = buffer('input', tokens * COLUMNS * 4, 'storage')
    gpu.device.queue.writeBuffer(input.gpu, 0, madeUp(2, tokens * COLUMNS))
    const out = buffer('out', tokens * ROWS * 4, 'storage')
    const rowCount = buffer('count', 16, 'uniform')
    gpu.device.queue.writeBuffer(rowCount.gpu, 0, new Uint32Array([tokens]))

    const all = productsToTry(codec, tokens, presets)
    const canShare = gpu.device.features.has('subgroups')
    const ways = all.filter(({ shape }) => canShare || !shape.sharesBySubgroup)
    const { timed, late, refused } = await timeInTurns({
      ways,
      clock,
      untilMs: clock().wallMs + (endMs - clock().wallMs) / (kinds.length - done),
      async begin({ shape }) {
        const preset = presetWith(softwarePreset, shape)
        const kernel = tokens === 1 ? 'matvec' : 'matmul'
        const specs = matmul({ preset, kernel, matrix, input, out, epilogue: 'store', rowCount, count: 'rows' })
        const list = owner.own(await createDispatchList(gpu, kernels, specs))
        return (times) => {
          const dispatches = Array.from({ length: times }, () => list.dispatches).flat()
          submit(gpu, { label: 'products', dispatches, shape: { rows: tokens, entries: 1, outputs: tokens } })
          return nudged(gpu, gpu.device.queue.onSubmittedWorkDone())
        }
      },
    })
    owner.dispose()
    gpu.check() // a device that is lost refuses everything
    costs.push(...timed.map(({ way, first, ...took }) => ({ ...way, ...took, compile: first })))
    leftOut.push(
      ...all.filter((one) => !ways.includes(one)).map((one) => ({ ...one, why: 'no subgroups' })),
      ...late.map((one) => ({ ...one, why: 'time' })),
      ...refused.map(({ way, error }) => ({ ...way, why: String(error) })),
    )
  }
  return { adapter: gpu.adapter, rows: ROWS, columns: COLUMNS, costs, leftOut }
}

/** Numbers from -1 to 1. */
function madeUp(seed: number, length: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length }, (_, index) => uniform({ seed, stream: 0, index }) * 2 - 1)
}
