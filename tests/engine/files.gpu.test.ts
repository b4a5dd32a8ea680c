import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Model } from '../../src/core/protocol.ts'
import { createStore } from '../../src/engine.ts'
import { huggingFaceName, rwkv4Tensors } from '../model/rwkv4-tensors.ts'
import { goldenModel, withEngine } from '../tools/engine.ts'
import { createFakeDirectory } from '../tools/fake-directory.ts'
import { goldenFolder } from '../tools/golden.ts'
import { goldenPth } from '../tools/golden-pth.ts'
import { randomArray } from '../tools/random-array.ts'
import { buildSafetensors } from '../tools/safetensors-bytes.ts'

async function logitsOf(model: Model): Promise<number[]> {
  const state = await model.createState()
  await state.feed([1, 2, 3])
  const logits = Array.from(await state.logits())
  await model.dispose()
  return logits
}

test('after a bad .pth the same engine loads a good one, bit by bit as its safetensors', () =>
  withEngine(async (engine) => {
    const expected = await logitsOf(await engine.loadModel(goldenModel('odd160.bf16.safetensors')))
    const evil = new File([await readFile(join(goldenFolder, 'models/bad/calls-os-system.pth'))], 'evil.pth')
    const good = await goldenPth()
    const bad: readonly (readonly [File, string])[] = [
      [evil, 'file/pickle-global'],
      [new File([good.slice(0, good.length >> 1)], 'half.pth'), 'file/truncated'],
      [new File([good.slice(0, -1)], 'short.pth'), 'file/truncated'],
    ]
    for (const [file, code] of bad) await expect(engine.loadModel(file)).rejects.toMatchObject({ code })
    expect(await logitsOf(await engine.loadModel(new File([good], 'RWKV.pth')))).toEqual(expected)
  }))

test('a model in the store is the model that was fetched', () => {
  const { directory } = createFakeDirectory()
  const store = createStore({ open: async () => directory })
  return withEngine(
    async (engine) => {
      const source = goldenModel('odd160.bf16.safetensors')
      const fetched = await engine.loadModel(source)
      expect(fetched.info.warnings).toEqual([expect.stringMatching(/how this model was taught to chat/)])
      const expected = await logitsOf(fetched)
      const last: boolean[] = []
      const kept = await engine.loadModel(source, { onProgress: ({ fromStore }) => last.push(fromStore) })
      expect(last.at(-1)).toBe(true)
      expect(await logitsOf(kept)).toEqual(expected)
      expect(await store.list()).toMatchObject([{ model: source }])
    },
    { store },
  )
})

test('a model of Hugging Face that was saved after it had been run opens with a warning', () =>
  withEngine(async (engine) => {
    const sizes = { L: 7, C: 64, F: 64, V: 16 }
    const tensors = rwkv4Tensors(sizes, 'F32').map((tensor, seed) => {
      const values = randomArray(
        seed,
        tensor.shape.reduce((product, size) => product * size, 1),
      )
      const isDivided = /^blocks\.6\.(att\.output|ffn\.value)/.test(tensor.name)
      return {
        ...tensor,
        name: huggingFaceName(tensor.name),
        values: isDivided ? values.map((one) => one / 2) : values,
      }
    })
    const model = await engine.loadModel(new File([buildSafetensors(tensors)], 'rwkv-4-pile.safetensors'))
    expect(model.info.warnings).toEqual([expect.stringMatching(/saved after transformers had run it/)])
    await model.dispose()
  }))
