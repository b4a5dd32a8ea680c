import { test } from 'vitest'
import { createDawn } from '../tools/dawn.ts'
import { goldenFolder56 } from '../tools/golden.ts'
import { expectGolden } from './expect-golden.ts'

test('golden models of RWKV-5 and 6 compute what they must, in every way of feeding', { timeout: 600_000 }, () =>
  expectGolden({ folder: goldenFolder56, on: { gpu: createDawn(), device: 'webgpu' }, expected: 2 + 2 }),
)
