import { expect, test } from 'vitest'
import { soak } from './soak.ts'

test.each([4, 7] as const)(
  '2,000 random operations on RWKV-%d, with losses, faults and reloads, are what the oracle says',
  { timeout: 1_800_000 },
  async (version) => {
    const { operations, losses, refusals, reloads } = await soak({ seed: 11, version, operations: 2000 })
    expect(operations).toBe(2000)
    for (const count of [losses, refusals, reloads]) expect(count).toBeGreaterThan(0)
  },
)
