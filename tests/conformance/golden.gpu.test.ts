import { test } from 'vitest'
import { createDawn } from '../tools/dawn.ts'
import { goldenFolder, goldenFolder7 } from '../tools/golden.ts'
import { expectGolden } from './expect-golden.ts'

// The gpu preset is for other adapters than this software one, where its barriers cost up to a hundred times more: one
// model shows that it is right, and of RWKV-7 the self-test. RWKV-4 in software is run by `npm run conformance`.
test.each([
  { version: 4, folder: goldenFolder, preset: 'gpu', models: ['odd160.F16'], expected: 1 + 1 },
  { version: 7, folder: goldenFolder7, preset: 'software', expected: 3 + 3 },
] as const)(
  'golden models of RWKV-$version compute what they must, in every way of feeding, with the $preset preset',
  { timeout: 300_000 },
  ({ preset, ...run }) => expectGolden({ ...run, on: { gpu: createDawn(), device: 'webgpu', preset } }),
)
