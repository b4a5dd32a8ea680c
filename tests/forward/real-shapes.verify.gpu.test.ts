import { test } from 'vitest'
import { expectGreedy } from '../tools/real-shapes.ts'

test('of the shape of 169M, 16 greedy ids equal those of the oracle', { timeout: 300_000 }, () =>
  expectGreedy({ L: 12, C: 768, F: 3072, V: 50_277 }),
)
