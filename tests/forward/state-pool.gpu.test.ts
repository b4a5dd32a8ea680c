import { describe, expect, test } from 'vitest'
import { createTurns } from '../../src/core/turns.ts'
import { createStatePool } from '../../src/forward/state-pool.ts'
import { initialState } from '../../src/forward/state-rows.ts'
import type { Gpu } from '../../src/gpu/device.ts'
import { state } from '../../src/rwkv/v4/state.ts'
import { contents, withGpu } from '../tools/gpu.ts'
import { randomArray } from '../tools/random-array.ts'

const config = { version: 4, L: 6, C: 8, F: 16, V: 32 } as const
const { L } = config
const initial = initialState(state(), config)
const layerByteLength = initial.byteLength / L

/** What a kernel can bind, and how many layers lie in one buffer then, with a budget of 100 states. */
const bindings = [
  { binding: 100 * initial.byteLength, layers: L },
  { binding: 100 * initial.byteLength - 1, layers: 3 },
  { binding: 299 * layerByteLength, layers: 2 },
  { binding: 100 * layerByteLength, layers: 1 },
]

describe.each(bindings)('state pool, $layers of 6 layers in a buffer', ({ binding, layers }) => {
  function createPool(gpu: Gpu, { slots = 1, budget = 100 * initial.byteLength, onGrow = async () => {} } = {}) {
    const sizes = { budgetByteLength: budget, bindingByteLength: binding }
    return createStatePool(gpu, { initial, layers: L, slots, ...sizes, turns: createTurns(), onGrow })
  }

  test('kernels find each layer in its place among those that lie with it', () =>
    withGpu(async (gpu) => {
      const pool = createPool(gpu, { slots: 2 })
      const places = Array.from({ length: L }, (_, layer) => pool.layer(layer))
      const buffers = [...new Set(places.map(({ buffer }) => buffer))]
      expect(buffers.map(({ byteLength }) => byteLength)).toEqual(
        Array.from({ length: L / layers }, () => 2 * layers * layerByteLength),
      )
      const values = randomArray(9, initial.length)
      pool.write(1, values)
      for (const [layer, place] of places.entries()) {
        expect(place).toMatchObject({ layers, layer: layer % layers })
        const at = (layers + place.layer) * (layerByteLength / 4) // in slot 1
        const found = (await contents(gpu, place.buffer)).slice(at, at + layerByteLength / 4)
        expect(found).toEqual(values.slice((layer * layerByteLength) / 4, ((layer + 1) * layerByteLength) / 4))
      }
      pool.dispose()
    }))

  test('a fresh slot holds zeros, and -1e30 in pp', () =>
    withGpu(async (gpu) => {
      const pool = createPool(gpu)
      const state = await pool.read(await pool.allocate())
      expect(state).toEqual(initial)
      for (let layer = 0; layer < L; layer++) {
        expect(state.slice((layer * 5 + 4) * 8, (layer * 5 + 5) * 8)).toEqual(new Float32Array(8).fill(-1e30))
        expect(state.slice(layer * 5 * 8, (layer * 5 + 4) * 8)).toEqual(new Float32Array(32))
      }
      pool.dispose()
    }))

  test('what is written is read back to the bit, in its slot alone', () =>
    withGpu(async (gpu) => {
      const pool = createPool(gpu, { slots: 3 })
      const [a, b, c] = [await pool.allocate(), await pool.allocate(), await pool.allocate()]
      const values = randomArray(1, initial.length, 1e6)
      pool.write(b, values)
      expect([await pool.read(a), await pool.read(b), await pool.read(c)]).toEqual([initial, values, initial])
      pool.dispose()
    }))

  test('a copy is equal and then independent', () =>
    withGpu(async (gpu) => {
      const pool = createPool(gpu, { slots: 2 })
      const [a, b] = [await pool.allocate(), await pool.allocate()]
      const [first, second] = [randomArray(2, initial.length), randomArray(3, initial.length)]
      pool.write(a, first)
      pool.copy(a, b)
      pool.write(a, second)
      expect([await pool.read(a), await pool.read(b)]).toEqual([second, first])
      pool.reset(b)
      expect(await pool.read(b)).toEqual(initial)
      pool.dispose()
    }))

  test('growing keeps every state and tells whoever is bound to the buffers', () =>
    withGpu(async (gpu) => {
      const grown: number[] = []
      const pool = createPool(gpu, { onGrow: async () => void grown.push(pool.layer(L - 1).buffer.byteLength) })
      const slots: number[] = []
      for (let i = 0; i < 5; i++) {
        const slot = await pool.allocate()
        slots.push(slot)
        pool.write(slot, randomArray(i, initial.length))
      }
      expect(new Set(slots).size).toBe(5)
      expect(grown).toEqual([2, 4, 8].map((count) => count * layers * layerByteLength))
      for (const [i, slot] of slots.entries()) expect(await pool.read(slot)).toEqual(randomArray(i, initial.length))
      pool.dispose()
    }))

  test('one that is disposed while it grows in vain leaves no byte', () =>
    withGpu(async (gpu) => {
      const { gpuByteLength } = gpu.counters
      const pool = createPool(gpu, {
        onGrow: async () => {
          pool.dispose()
          throw new Error('gone')
        },
      })
      await pool.allocate()
      await expect(pool.allocate()).rejects.toThrow('gone')
      expect(gpu.counters.gpuByteLength).toBe(gpuByteLength)
    }))

  test('slots asked for at the same time are different ones', () =>
    withGpu(async (gpu) => {
      const pool = createPool(gpu)
      const slots = await Promise.all(Array.from({ length: 9 }, () => pool.allocate()))
      expect(new Set(slots).size).toBe(9)
      pool.dispose()
    }))

  test('where the GPU has no memory to grow, a state is refused and the others stay', () =>
    withGpu(async (gpu) => {
      const { device } = gpu
      const popErrorScope = device.popErrorScope.bind(device)
      let isFull = true
      device.popErrorScope = async () => (await popErrorScope()) ?? (isFull ? ({ message: 'full' } as GPUError) : null)
      const pool = createPool(gpu)
      const slot = await pool.allocate()
      pool.write(slot, randomArray(5, initial.length))
      const before = gpu.counters.gpuByteLength
      await expect(pool.allocate()).rejects.toMatchObject({ code: 'session/state-budget', message: /full/ })
      expect(gpu.counters.gpuByteLength).toBe(before)
      isFull = false
      expect(await pool.read(await pool.allocate())).toEqual(initial)
      expect(await pool.read(slot)).toEqual(randomArray(5, initial.length))
      pool.dispose()
    }))

  test('beyond the budget a state is refused with the numbers, and a released one is given out again', () =>
    withGpu(async (gpu) => {
      const pool = createPool(gpu, { budget: initial.byteLength * 2 + 10 })
      const first = await pool.allocate()
      await pool.allocate()
      await expect(pool.allocate()).rejects.toMatchObject({
        code: 'session/state-budget',
        message: expect.stringContaining(`${initial.byteLength} bytes each, budget ${initial.byteLength * 2} bytes`),
      })
      pool.write(first, randomArray(4, initial.length))
      pool.release(first)
      expect(await pool.read(await pool.allocate())).toEqual(initial)
      pool.dispose()
    }))
})
