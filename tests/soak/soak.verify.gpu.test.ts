import { expect, test } from 'vitest'
import { soak } from './soak.ts'

test.each([4, 7] as const)(
  '400 random operations on RWKV-%d, with losses, faults and reloads, are what the oracle says',
  {
    timeout: 600_000,
  },
  async (version) => {
    const { operations, losses, refusals, reloads } = await soak({ seed: 11, version, operations: 400 })
    expect(operations).toBe(400)
    for (const count of [losses, refusals, reloads]) expect(count).toBeGreaterThan(0)
  },
)
