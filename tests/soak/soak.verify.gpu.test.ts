import { expect, test } from 'vitest'
import { soak } from './soak.ts'

test.each([4, 7] as const)(
  '200 random operations on RWKV-%d, with losses, faults and reloads, are what the oracle says',
  {
    timeout: 600_000,
  },
  async (version) => {
    const { operations, losses, refusals, reloads } = await soak({ seed: 11, version, operations: 200 })
    expect(operations).toBe(200)
    for (const count of [losses, refusals, reloads]) expect(count).toBeGreaterThan(0)
  },
)
