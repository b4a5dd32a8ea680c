import { describe, expect, test } from 'vitest'
import { createBuffer } from '../../../src/gpu/buffer.ts'
import type { Gpu } from '../../../src/gpu/device.ts'
import { gpuPreset, softwarePreset } from '../../../src/kernels/preset.ts'
import { wkv } from '../../../src/rwkv/v4/wkv.ts'
import { expectClose } from '../../tools/closeness.ts'
import { bufferOf, contents, runOnce, withGpu } from '../../tools/gpu.ts'
import { randomArray } from '../../tools/random-array.ts'

const C = 37
const L = 2
const layer = 1
const SLOTS = 3

const time = Float32Array.from(randomArray(9, 2 * C, 2), (value, i) => (i < C ? value : -Math.exp(value)))

/** (SLOTS, L, 5, C) with the sums of a text not yet begun. */
function blankPool(): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: SLOTS * L * 5 * C }, (_, i) => (Math.floor(i / C) % 5 === 4 ? -1e30 : 0))
}

/** Run entries { slot, T } over kvr (N, 3, C) from `pool`. */
async function scan(
  gpu: Gpu,
  preset: typeof gpuPreset,
  pool: Float32Array<ArrayBuffer>,
  kvr: Float32Array<ArrayBuffer>,
  batch: readonly { slot: number; T: number }[],
  isWatched = false,
) {
  const N = kvr.length / 3 / C
  let first = 0
  const entries = batch.flatMap(({ slot, T }) => {
    first += T
    return [slot, first - T, T]
  })
  const buffers = {
    entries: bufferOf(gpu, 'entries', Uint32Array.from(entries)),
    kvr: bufferOf(gpu, 'kvr', kvr),
    time: bufferOf(gpu, 'time', time),
    state: bufferOf(gpu, 'state', pool),
    out: createBuffer(gpu, { label: 'out', byteLength: N * C * 4, use: 'storage' }),
    ...(isWatched && { watched: createBuffer(gpu, { label: 'watched', byteLength: N * C * 4, use: 'storage' }) }),
  }
  const inLayer = { buffer: buffers.state, layers: L, layer }
  const spec = wkv({ preset, C, layer, ...buffers, state: inLayer })
  await runOnce(gpu, [spec], { rows: N, entries: batch.length, outputs: 0 })
  const out = (await contents(gpu, buffers.out)).slice(0, N * C)
  const state = (await contents(gpu, buffers.state)).slice(0, pool.length)
  const watched = buffers.watched && (await contents(gpu, buffers.watched)).slice(0, N * C)
  for (const owned of Object.values(buffers)) owned.dispose()
  return { out, state, watched }
}

/** The recurrence as the paper states it before it is stabilised, by weights in log space; float64. */
function reference(kvr: Float32Array, from: number, T: number): number[] {
  const out: number[] = []
  const at = (n: number, part: number, c: number) => kvr[(n * 3 + part) * C + c] as number
  for (let t = 0; t < T; t++) {
    for (let c = 0; c < C; c++) {
      const u = time[c] as number
      const w = time[C + c] as number
      const logs = Array.from({ length: t + 1 }, (_, i) => (i === t ? u : (t - 1 - i) * w) + at(from + i, 0, c))
      const most = Math.max(...logs)
      let sum = 0
      let weight = 0
      logs.forEach((log, i) => {
        sum += Math.exp(log - most) * at(from + i, 1, c)
        weight += Math.exp(log - most)
      })
      out.push(sum / weight / (1 + Math.exp(-at(from + t, 2, c))))
    }
  }
  return out
}

describe.each([softwarePreset, gpuPreset])('v4/wkv with the $name preset', (preset) => {
  test.each([1, 30, 200])('equals the plain weighted mean of the paper, keys up to ±%d', (scale) =>
    withGpu(async (gpu) => {
      const batch = [
        { slot: 2, T: 6 },
        { slot: 0, T: 1 },
        { slot: 1, T: 4 },
      ]
      const kvr = randomArray(10, 11 * 3 * C).map((value, i) => (Math.floor(i / C) % 3 === 0 ? value * scale : value))
      const { out } = await scan(gpu, preset, blankPool(), kvr, batch)
      expectClose(out, [...reference(kvr, 0, 6), ...reference(kvr, 6, 1), ...reference(kvr, 7, 4)], {
        atol: 1e-5,
        rtol: 2e-4,
      })
    }),
  )

  test('scanning T tokens equals T single steps, to the bit', () =>
    withGpu(async (gpu) => {
      const T = 9
      const kvr = randomArray(11, T * 3 * C, 5)
      const whole = await scan(gpu, preset, blankPool(), kvr, [{ slot: 1, T }])
      let state = blankPool()
      const out: number[] = []
      for (let t = 0; t < T; t++) {
        const step = await scan(gpu, preset, state, kvr.slice(t * 3 * C, (t + 1) * 3 * C), [{ slot: 1, T: 1 }])
        state = step.state
        out.push(...step.out)
      }
      expect(Float32Array.from(out)).toEqual(whole.out)
      expect(state).toEqual(whole.state)
    }))

  test('watched, it leaves wkv itself beside, also where the receptance lets nothing through, and all else is the same', () =>
    withGpu(async (gpu) => {
      const batch = [
        { slot: 1, T: 5 },
        { slot: 0, T: 1 },
      ]
      const kvr = randomArray(15, 6 * 3 * C, 3)
      const open = kvr.map((value, i) => (Math.floor(i / C) % 3 === 2 ? 1e4 : value))
      const shut = kvr.map((value, i) => (Math.floor(i / C) % 3 === 2 ? -1e4 : value))
      const plain = await scan(gpu, preset, blankPool(), open, batch) // out is wkv: the sigmoid is 1
      const watched = await scan(gpu, preset, blankPool(), shut, batch, true)
      expect(watched.watched).toEqual(plain.out)
      expect(watched.state).toEqual(plain.state)
      expect(watched.out.every((value) => value === 0)).toBe(true)
    }))

  test('keys of ±1e4 stay finite', () =>
    withGpu(async (gpu) => {
      const kvr = randomArray(12, 40 * 3 * C, 1e4)
      const { out, state } = await scan(gpu, preset, blankPool(), kvr, [{ slot: 0, T: 40 }])
      expect(out.every(Number.isFinite)).toBe(true)
      expect(state.every(Number.isFinite)).toBe(true)
    }))

  test('other slots, other layers and the shift rows are left alone', () =>
    withGpu(async (gpu) => {
      const before = randomArray(13, SLOTS * L * 5 * C)
      const { state } = await scan(gpu, preset, before.slice(), randomArray(14, 3 * C), [{ slot: 1, T: 1 }])
      const touched = (i: number) => Math.floor(i / C / 5) === 1 * L + layer && Math.floor(i / C) % 5 >= 2
      expect(state.filter((_, i) => !touched(i))).toEqual(before.filter((_, i) => !touched(i)))
      expect(state.filter((_, i) => touched(i))).not.toEqual(before.filter((_, i) => touched(i)))
    }))
})
