import { describe, expect, test } from 'vitest'
import { createBuffer } from '../../../src/gpu/buffer.ts'
import { createMatrix, writeRows } from '../../../src/kernels/matrix.ts'
import { gpuPreset, softwarePreset } from '../../../src/kernels/preset.ts'
import { kvrWkv } from '../../../src/rwkv/v4/kvr-wkv.ts'
import { times } from '../../oracle/rwkv4.ts'
import { expectClose } from '../../tools/closeness.ts'
import { encoded } from '../../tools/dequantize.ts'
import { bufferOf, contents, runOnce, withGpu } from '../../tools/gpu.ts'
import { randomArray } from '../../tools/random-array.ts'

const C = 40 // neither a whole number of workgroups nor of lanes
const L = 2
const layer = 1
const slot = 2

const time = Float32Array.from(randomArray(4, 2 * C, 2), (value, i) => (i < C ? value : -Math.exp(value)))
const mixed = randomArray(5, 3 * C, 2)
const weights = randomArray(6, 3 * C * C).map((value) => Math.round(value * 100) / 128)
const sumsAt = ((slot * L + layer) * 5 + 2) * C

/** A pool whose sums are those of some text, or of none. */
function pool(isBegun: boolean): Float32Array<ArrayBuffer> {
  const state = new Float32Array(3 * L * 5 * C).fill(7)
  const random = randomArray(7, 3 * C, 3)
  for (let c = 0; c < C; c++) {
    state[sumsAt + c] = isBegun ? random[c] : 0
    state[sumsAt + C + c] = isBegun ? 1 + Math.abs(random[C + c]) : 0
    state[sumsAt + 2 * C + c] = isBegun ? random[2 * C + c] : -1e30
  }
  return state
}

/** What the kernel should give, by the definition: weights of the past and of this token, in float64. */
function expected(state: Float32Array, weights: Float32Array) {
  const [k, v, r] = [0, 1, 2].map((part) =>
    times(
      weights.subarray(part * C * C, (part + 1) * C * C),
      Float64Array.from(mixed.subarray(part * C, (part + 1) * C)),
    ),
  )
  const channels = Array.from({ length: C }, (_, c) => {
    const [aa, bb, pp] = [0, 1, 2].map((row) => state[sumsAt + row * C + c])
    const now = Math.exp(time[c] + k[c] - Math.max(pp, 0))
    const past = Math.exp(pp - Math.max(pp, 0))
    const wkv = (past * aa + now * v[c]) / (past * bb + now)
    const scale = Math.max(pp + time[C + c], k[c])
    const faded = Math.exp(pp + time[C + c] - scale)
    const joined = Math.exp(k[c] - scale)
    return {
      out: wkv / (1 + Math.exp(-r[c])),
      mean: (faded * aa + joined * v[c]) / (faded * bb + joined),
      log: Math.log(faded * bb + joined) + scale,
    }
  })
  return channels
}

describe.each([softwarePreset, gpuPreset])('v4/kvr-wkv with the $name preset', (preset) => {
  test.each([
    ['f32', true],
    ['f32', false],
    ['f16', true],
    ['bf16', true],
    ['q8', true],
    ['q4', true],
  ] as const)(
    '%s weights, a text that has begun: %s: products and recurrence are those of the definition',
    (codec, isBegun) =>
      withGpu(async (gpu) => {
        const state = pool(isBegun)
        const matrix = createMatrix(gpu, { label: 'kvr', columns: C, stacked: [{ codec, rows: 3 * C }] })
        const { bytes, values } = encoded(weights, codec, C)
        writeRows(gpu, matrix, 0, bytes)
        const buffers = {
          entries: bufferOf(gpu, 'entries', Uint32Array.of(slot, 0, 1)),
          mixed: bufferOf(gpu, 'mixed', mixed),
          time: bufferOf(gpu, 'time', time),
          state: bufferOf(gpu, 'state', state),
          out: createBuffer(gpu, { label: 'out', byteLength: C * 4, use: 'storage' }),
        }
        const inLayer = { buffer: buffers.state, layers: L, layer }
        const spec = kvrWkv({ preset, C, layer, matrix, ...buffers, state: inLayer })
        await runOnce(gpu, [spec], { rows: 1, entries: 1, outputs: 1 })
        const channels = expected(state, values)
        const after = await contents(gpu, buffers.state)
        const row = (index: number) => after.subarray(sumsAt + index * C, sumsAt + (index + 1) * C)
        const tolerance = { atol: 2e-5, rtol: 2e-5 }
        expectClose(
          await contents(gpu, buffers.out),
          channels.map(({ out }) => out),
          tolerance,
        )
        expectClose(
          row(0).map((aa, c) => aa / row(1)[c]),
          channels.map(({ mean }) => mean),
          tolerance,
        )
        expectClose(
          row(1).map((bb, c) => Math.log(bb) + row(2)[c]),
          channels.map(({ log }) => log),
          tolerance,
        )
        const others = (values: Float32Array) => [...values.subarray(0, sumsAt), ...values.subarray(sumsAt + 3 * C)]
        expect(others(after.subarray(0, state.length))).toEqual(others(state))
        for (const owned of [matrix, ...Object.values(buffers)]) owned.dispose()
      }),
  )
})
