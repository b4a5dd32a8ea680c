import { test } from 'vitest'
import { expectGreedy } from '../tools/real-shapes.ts'

test('of the shape of 169M, 16 greedy ids equal those of the oracle', { timeout: 300_000 }, () =>
  expectGreedy({ L: 12, C: 768, F: 3072, V: 50_277 }),
)

// Head and embedding exceed one binding of 128 MiB as f32, and have more rows than a grid has groups.
test('with the World vocabulary 16 greedy ids equal those of the oracle', { timeout: 300_000 }, () =>
  expectGreedy({ L: 1, C: 768, F: 3072, V: 65_536 }),
)
