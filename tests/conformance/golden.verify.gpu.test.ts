import { test } from 'vitest'
import { createDawn } from '../tools/dawn.ts'
import { goldenFolder } from '../tools/golden.ts'
import { expectGolden } from './expect-golden.ts'

test('golden models of RWKV-4 compute what they must in node too', { timeout: 300_000 }, () =>
  expectGolden({
    folder: goldenFolder,
    on: { gpu: createDawn(), device: 'webgpu', preset: 'software' },
    expected: 4 + 4 + 2,
  }),
)
