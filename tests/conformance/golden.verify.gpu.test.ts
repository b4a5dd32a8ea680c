import { test } from 'vitest'
import { createDawn } from '../tools/dawn.ts'
import { goldenFolder } from '../tools/golden.ts'
import { expectGolden } from './expect-golden.ts'

// The gpu preset is for other adapters than this software one, where its barriers cost up to a hundred times more: one
// model shows that it is right, and in `npm test` the self-test.
test.each([
  { preset: 'software', models: undefined, expected: 4 + 4 + 2 },
  { preset: 'gpu', models: ['odd160.F16'], expected: 1 + 1 },
] as const)(
  'golden models of RWKV-4 compute what they must in node too, with the $preset preset',
  { timeout: 300_000 },
  ({ preset, models, expected }) =>
    expectGolden({
      folder: goldenFolder,
      on: { gpu: createDawn(), device: 'webgpu', preset },
      ...(models && { models }),
      expected,
    }),
)
