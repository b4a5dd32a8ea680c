import { expect, test } from 'vitest'
import { soak } from './soak.ts'

test('400 random operations on RWKV-4, with losses, faults and reloads, are what the oracle says; more in verify', {
  timeout: 300_000,
}, async () => {
  const { operations, losses, refusals, reloads } = await soak({ seed: 11, version: 4, operations: 400 })
  expect(operations).toBe(400)
  for (const count of [losses, refusals, reloads]) expect(count).toBeGreaterThan(0)
})
