/**
 * @file What a product of a weight matrix costs on an adapter, by codec, number of tokens, and how the kernel is cut: what
 * a preset's shapes are chosen by. See `real-gpu.ts`.
 */

import { createOwner } from '../../src/core/dispose.ts'
import type { WeightFormat } from '../../src/core/protocol.ts'
import { createBuffer } from '../../src/gpu/buffer.ts'
import type { Gpu } from '../../src/gpu/device.ts'
import { createDispatchList, createKernelCache } from '../../src/gpu/dispatch-list.ts'
import { submit } from '../../src/gpu/recorder.ts'
import { matmul } from '../../src/kernels/matmul.ts'
import { createMatrix, writeRows } from '../../src/kernels/matrix.ts'
import { type MatmulShape, type MatvecShape, type Preset, softwarePreset } from '../../src/kernels/preset.ts'
import { cpuMs } from '../tools/cpu-time.ts'
import { encoded } from '../tools/dequantize.ts'
import { bufferOf } from '../tools/gpu.ts'
import { randomArray } from '../tools/random-array.ts'
import { median } from './statistics.ts'

const ROWS = 3072
const COLUMNS = 768
const ROUNDS = 5
const LONG_MS = 30 // of a round: what submitting and waiting add is little beside it
const MOST = 200 // dispatches in a round

/** How a kernel is cut; `tokens` of a tile where there are several. */
export interface TriedShape extends MatvecShape, Pick<Preset, 'sharesByQuads'> {
  readonly tokens?: MatmulShape['tokens']
}

const shape = (lanes: number, tiles: number, rows: 4 | 8, rest: Partial<TriedShape> = {}): TriedShape => ({
  lanes,
  tiles,
  rows,
  sharesByQuads: false,
  ...rest,
})

const byQuads = { sharesByQuads: true }

/** What is tried for one token. */
export const matvecShapes: readonly TriedShape[] = [
  shape(1, 8, 8),
  shape(1, 32, 8),
  shape(1, 8, 4, byQuads),
  shape(1, 8, 8, byQuads),
  shape(8, 8, 8),
  shape(8, 16, 4),
  shape(16, 8, 4),
  shape(32, 2, 4),
  shape(32, 4, 4),
  shape(32, 8, 4),
  shape(64, 4, 4),
]

/** What is tried for several tokens, where a tile always has 8 rows. */
export const matmulShapes: readonly TriedShape[] = [
  shape(1, 8, 8, { tokens: 8 }),
  shape(1, 32, 8, { tokens: 8 }),
  shape(1, 8, 8, { tokens: 16 }),
  shape(1, 8, 8, { tokens: 8, ...byQuads }),
  shape(1, 8, 8, { tokens: 16, ...byQuads }),
  shape(1, 32, 8, { tokens: 16, ...byQuads }),
  shape(4, 16, 8, { tokens: 8 }),
  shape(8, 8, 8, { tokens: 8 }),
  shape(8, 16, 8, { tokens: 8 }),
  shape(8, 8, 8, { tokens: 16 }),
  shape(16, 8, 8, { tokens: 8 }),
  shape(32, 4, 8, { tokens: 8 }),
]

/** What a product of a (3072, 768) matrix took: medians of the rounds, of one product. */
export interface ProductCost {
  readonly codec: WeightFormat
  readonly tokens: number
  readonly shape: TriedShape
  readonly cpuMs: number
  readonly wallMs: number
  /** The processor's, with whatever the driver's cache spares. */
  readonly compileCpuMs: number
}

/** What each of `shapes` costs that the adapter can have, in rounds of which each takes all of them in turn. */
export async function productCosts(
  gpu: Gpu,
  {
    codec,
    tokens,
    shapes,
  }: { readonly codec: WeightFormat; readonly tokens: number; readonly shapes: readonly TriedShape[] },
): Promise<ProductCost[]> {
  const owner = createOwner()
  const matrix = owner.own(createMatrix(gpu, { label: 'w', columns: COLUMNS, stacked: [{ codec, rows: ROWS }] }))
  writeRows(gpu, matrix, 0, encoded(randomArray(1, ROWS * COLUMNS), codec, COLUMNS).bytes)
  const input = owner.own(bufferOf(gpu, 'input', randomArray(2, tokens * COLUMNS)))
  const out = owner.own(createBuffer(gpu, { label: 'out', byteLength: tokens * ROWS * 4, use: 'storage' }))
  const rowCount = owner.own(createBuffer(gpu, { label: 'count', byteLength: 16, use: 'uniform' }))
  gpu.device.queue.writeBuffer(rowCount.gpu, 0, new Uint32Array([tokens]))
  const kernel = tokens === 1 ? 'matvec' : 'matmul'
  const entrants = []
  for (const shape of shapes) {
    const { lanes, tiles, tokens: tileTokens = 8, sharesByQuads } = shape
    if (sharesByQuads && !gpu.device.features.has('subgroups')) continue
    const products = { matvec: shape, matvecOfBlocks: shape, matmul: { lanes, tiles, tokens: tileTokens } }
    const preset = { ...softwarePreset, ...products, sharesByQuads }
    const specs = matmul({ preset, kernel, matrix, input, out, epilogue: 'store', rowCount, count: 'rows' })
    const begun = cpuMs()
    const list = owner.own(await createDispatchList(gpu, createKernelCache(gpu), specs))
    const run = async (times: number) => {
      const dispatches = Array.from({ length: times }, () => list.dispatches).flat()
      const started = { cpu: cpuMs(), wall: performance.now() }
      submit(gpu, { label: 'products', dispatches, shape: { rows: tokens, entries: 1, outputs: tokens } })
      await gpu.guard(gpu.device.queue.onSubmittedWorkDone())
      return { cpuMs: (cpuMs() - started.cpu) / times, wallMs: (performance.now() - started.wall) / times }
    }
    await run(1) // drivers put off some of the compiling until then
    const compileCpuMs = cpuMs() - begun
    const { wallMs } = await run(1)
    const times = Math.min(MOST, Math.max(1, Math.ceil(LONG_MS / wallMs)))
    entrants.push({ shape, compileCpuMs, run: () => run(times), costs: [] as { cpuMs: number; wallMs: number }[] })
  }
  for (let round = 0; round < ROUNDS; round++) for (const { run, costs } of entrants) costs.push(await run())
  owner.dispose()
  return entrants.map(({ shape, compileCpuMs, costs }) => ({
    codec,
    tokens,
    shape,
    cpuMs: median(costs.map(({ cpuMs }) => cpuMs)),
    wallMs: median(costs.map(({ wallMs }) => wallMs)),
    compileCpuMs,
  }))
}
