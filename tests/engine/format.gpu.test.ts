import { expect, test } from 'vitest'
import { expectClose } from '../tools/closeness.ts'
import { storyteller, withEngine } from '../tools/engine.ts'

const SLOW = { vendor: 'google', architecture: 'swiftshader' }
const OTHER = { vendor: 'mesa', architecture: 'llvmpipe' }
const MEMORY = 128 * 2 ** 20

/** The format of storyteller, an f16 file, and its logits. */
async function loaded(names: Partial<GPUAdapterInfo>, memoryByteLength = MEMORY) {
  let found: { weights: string; logits: Float32Array } | undefined
  const onAdapter = (adapter: GPUAdapter) =>
    Object.defineProperty(adapter, 'info', { value: { description: '', ...names } })
  await withEngine(
    async (engine) => {
      const model = await engine.loadModel(storyteller)
      const state = await model.createState()
      await state.feed([5, 6, 7])
      found = { weights: model.info.weights, logits: await state.logits() }
    },
    { onAdapter, memoryByteLength },
  )
  if (!found) throw new Error('no model')
  return found
}

test('16 bits of a file are f32 where that is faster and takes no more than a quarter of the memory, with the same values', async () => {
  const wide = await loaded(SLOW)
  const others = await Promise.all([loaded(OTHER), loaded(SLOW, MEMORY / 2)])
  expect([wide, ...others].map(({ weights }) => weights)).toEqual(['f32', 'f16', 'f16'])
  for (const { logits } of others) expectClose(wide.logits, logits, { atol: 1e-4, rtol: 1e-4 })
})
