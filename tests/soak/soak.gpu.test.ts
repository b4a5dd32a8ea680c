import { expect, test } from 'vitest'
import { soak } from './soak.ts'

test.each([
  [4, 1600],
  [7, 400],
] as const)(
  'on RWKV-%d, %d random operations with losses, faults and reloads are what the oracle says; more in verify',
  {
    timeout: 600_000,
  },
  async (version, wanted) => {
    const { operations, losses, refusals, reloads } = await soak({ seed: 11, version, operations: wanted })
    expect(operations).toBe(wanted)
    for (const count of [losses, refusals, reloads]) expect(count).toBeGreaterThan(0)
  },
)
