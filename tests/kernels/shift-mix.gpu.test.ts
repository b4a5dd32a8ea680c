import { describe, test } from 'vitest'
import { createBuffer } from '../../src/gpu/buffer.ts'
import { gpuPreset, softwarePreset } from '../../src/kernels/preset.ts'
import { shiftMix, shiftRow } from '../../src/kernels/shift-mix.ts'
import { storeShift } from '../../src/kernels/store-shift.ts'
import { layerNorm } from '../oracle/rwkv4.ts'
import { expectClose } from '../tools/closeness.ts'
import { bufferOf, contents, runOnce, withGpu } from '../tools/gpu.ts'
import { randomArray } from '../tools/random-array.ts'

const C = 20
const L = 2
const R = 7
const layer = 1

// Which slot each entry continues, and how many tokens it has in this step.
const batches = [
  [{ slot: 2, T: 1 }],
  [{ slot: 0, T: 7 }],
  [
    { slot: 3, T: 1 },
    { slot: 0, T: 5 },
    { slot: 1, T: 2 },
  ],
]

describe.each([softwarePreset, gpuPreset])('shift-mix with the $name preset', (preset) => {
  for (const [shift, mixes] of [
    ['attX', 3],
    ['ffnX', 2],
  ] as const) {
    test.each(batches.map((batch) => ({ batch })))(
      `${shift}: a token sees the one before it, the first the state, and the last is left to the state: $batch`,
      ({ batch }) =>
        withGpu(async (gpu) => {
          const N = batch.reduce((sum, { T }) => sum + T, 0)
          const x = randomArray(6, N * C, 4)
          const normMix = randomArray(7, (2 + mixes) * C)
          const state = randomArray(8, 4 * L * R * C)
          const scale = normMix.subarray(0, C)
          const bias = normMix.subarray(C, 2 * C)

          const entries: number[] = []
          const rows: number[] = []
          const expected = new Float64Array(mixes * N * C)
          const expectedState = Float64Array.from(state)
          let n = 0
          batch.forEach(({ slot, T }, entry) => {
            entries.push(slot, n, T)
            const at = ((slot * L + layer) * R + shiftRow[shift]) * C
            let before = Float64Array.from(state.subarray(at, at + C))
            for (let t = 0; t < T; t++, n++) {
              rows.push(99, entry, t)
              const a = layerNorm(x.subarray(n * C, (n + 1) * C), scale, bias)
              for (let m = 0; m < mixes; m++) {
                for (let c = 0; c < C; c++) {
                  const mix = normMix[(2 + m) * C + c] as number
                  expected[(m * N + n) * C + c] = (a[c] as number) * mix + (before[c] as number) * (1 - mix)
                }
              }
              before = Float64Array.from(a)
            }
            expectedState.set(before, at)
          })

          const buffers = {
            rows: bufferOf(gpu, 'rows', Uint32Array.from(rows)),
            entries: bufferOf(gpu, 'entries', Uint32Array.from(entries)),
            x: bufferOf(gpu, 'x', x),
            normMix: bufferOf(gpu, 'normMix', normMix),
            state: bufferOf(gpu, 'state', state),
            carry: createBuffer(gpu, { label: 'carry', byteLength: batch.length * C * 4, use: 'storage' }),
            mixed: createBuffer(gpu, { label: 'mixed', byteLength: mixes * N * C * 4, use: 'storage' }),
          }
          const options = { preset, C, R, layer, shift, ...buffers, state: { buffer: buffers.state, layers: L, layer } }
          await runOnce(gpu, [shiftMix({ ...options, mixes }), storeShift(options)], {
            rows: N,
            entries: batch.length,
            outputs: 0,
          })
          expectClose(await contents(gpu, buffers.mixed), expected, { atol: 1e-5, rtol: 1e-5 })
          expectClose(await contents(gpu, buffers.state), expectedState, { atol: 1e-5, rtol: 1e-5 })
          for (const owned of Object.values(buffers)) owned.dispose()
        }),
    )
  }
})
