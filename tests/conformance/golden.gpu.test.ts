import { test } from 'vitest'
import { createDawn } from '../tools/dawn.ts'
import { goldenFolder7 } from '../tools/golden.ts'
import { expectGolden } from './expect-golden.ts'

// RWKV-4 is run by `npm run conformance` in Chromium, and on the CPU by golden-wasm.test.ts.
test('golden models of RWKV-7 compute what they must in node, in every way of feeding', { timeout: 300_000 }, () =>
  expectGolden({
    folder: goldenFolder7,
    on: { gpu: createDawn(), device: 'webgpu', preset: 'software' },
    expected: 3 + 3,
  }),
)
