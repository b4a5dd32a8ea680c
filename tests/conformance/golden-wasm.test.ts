import { expect, test } from 'vitest'
import { selfTest } from '../../src/forward/self-test.ts'
import { createWasmBackend } from '../../src/forward/wasm-backend.ts'
import { architectures } from '../../src/rwkv/index.ts'
import { goldenFolder, goldenFolder7, goldenFolder56 } from '../tools/golden.ts'
import { testedCodecs } from '../tools/tested-codecs.ts'
import { expectGolden } from './expect-golden.ts'

test.each([
  { version: 4, folder: goldenFolder, expected: 4 + 4 + 2 },
  { version: '5 and 6', folder: goldenFolder56, expected: 2 + 2 },
  { version: 7, folder: goldenFolder7, expected: 3 + 3 },
])(
  'golden models of RWKV-$version compute what they must in WebAssembly, in every way of feeding',
  { timeout: 300_000 },
  (run) => expectGolden({ ...run, on: { gpu: undefined, device: 'wasm' } }),
)

test.each(
  architectures.flatMap((architecture) =>
    testedCodecs.map(([codec, embedding]) => ({ architecture, version: architecture.version, codec, embedding })),
  ),
)('the self-test of version $version finds the kernels right: $codec', async ({ architecture, codec, embedding }) => {
  const backend = await createWasmBackend()
  const place = backend.createPlace()
  expect(await selfTest(place, { architecture, codec, embedding })).toBe(true)
  expect(place.counters.gpuByteLength).toBe(0)
})
