import { expect, test } from 'vitest'
import { stateBudgets } from '../../src/session/budgets.ts'

const MIB = 1024 * 1024
const GIB = 1024 * MIB
const stateOf = (L: number, R: number, C: number) => L * R * C * 4

const devices = [undefined, 0.25 * GIB, 1 * GIB, 2 * GIB, 8 * GIB, 32 * GIB]
const states = [
  { model: 'storyteller', bytes: stateOf(6, 5, 192) },
  { model: 'RWKV-4 169M', bytes: stateOf(12, 5, 768) },
  { model: 'RWKV-4 3B', bytes: stateOf(32, 5, 2560) },
  { model: 'RWKV-7 0.1B', bytes: stateOf(12, 66, 768) },
  { model: 'RWKV-7 0.4B', bytes: stateOf(24, 66, 1024) },
  { model: 'RWKV-7 2.9B', bytes: stateOf(32, 66, 2560) },
]

test.each(states)('states of $model take a share of the device, and a reply with its marks has room', ({ bytes }) => {
  for (const device of devices) {
    const { pool, keptOnGpu, keptInMemory, shared, first } = stateBudgets(bytes, device)
    const share = (part: number, least: number) => Math.max((device ?? 4 * GIB) / part, least * bytes)
    expect(pool).toBeLessThanOrEqual(share(16, 4))
    expect(keptInMemory).toBeLessThanOrEqual(share(64, 2))
    expect(first).toBeLessThanOrEqual(pool)
    expect(first / bytes).toBeGreaterThanOrEqual(3) // a conversation, and two slots for where its reply can go back to
    expect(first / bytes).toBeLessThanOrEqual(8)
    expect(keptOnGpu).toBeLessThan(pool)
    expect(keptOnGpu / bytes).toBeGreaterThanOrEqual(2)
    expect(shared / bytes).toBeGreaterThanOrEqual(4)
  }
})

test('where states are small, and on a device of unknown memory, all is as it was for RWKV-4', () => {
  const bytes = stateOf(6, 5, 192)
  expect(stateBudgets(bytes)).toEqual({
    pool: 128 * MIB,
    keptOnGpu: 16 * MIB,
    keptInMemory: 64 * MIB,
    shared: 256 * bytes,
    first: 8 * bytes,
  })
})

test('a model of 24×1024 with 66 rows has slots for a batch of 32, on a device of which nothing is known', () => {
  const bytes = stateOf(24, 66, 1024)
  expect(stateBudgets(bytes).pool / bytes).toBeGreaterThanOrEqual(32 + 3)
})
