import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { createByteSource } from '../../../src/file/byte-source.ts'
import { openCheckpoint, type TensorEntry } from '../../../src/file/checkpoint.ts'
import { decodeFloats } from '../../../src/file/tensor.ts'
import { createOracleModel } from '../../oracle/oracle-model.ts'
import { layerNorm } from '../../oracle/rwkv4.ts'
import { expectClose } from '../../tools/closeness.ts'
import { withEngine } from '../../tools/engine.ts'
import { goldenFolder7 } from '../../tools/golden.ts'
import { buildSafetensors } from '../../tools/safetensors-bytes.ts'
import { vocabularyText } from '../../tools/vocabulary-text.ts'

const official = await openCheckpoint(
  createByteSource('seven128.bf16.pth', await readFile(`${goldenFolder7}/models/seven128.bf16.pth`)),
)
const vocabulary = new File([vocabularyText([' cat', ' dog', '\n\n'])], 'vocab.txt')

/** seven128 with LN0 in its embedding; names as `rename` gives them. */
async function folded(rename: (name: string) => string): Promise<File> {
  const values = new Map<string, Float32Array>()
  for (const [name, entry] of official.tensors)
    values.set(name, decodeFloats(await official.read(entry, 0, entry.byteLength), entry.dtype))
  const take = (name: string) => {
    const found = values.get(name) as Float32Array
    values.delete(name)
    return found
  }
  const [scale, bias] = [take('blocks.0.ln0.weight'), take('blocks.0.ln0.bias')]
  const emb = values.get('emb.weight') as Float32Array
  const C = scale.length
  for (let at = 0; at < emb.length; at += C) emb.set(layerNorm(emb.subarray(at, at + C), scale, bias), at)
  const tensors = Array.from(values, ([name, floats]) => ({
    name: rename(name),
    dtype: 'F32',
    shape: (official.tensors.get(name) as TensorEntry).shape,
    bytes: new Uint8Array(floats.buffer),
  }))
  return new File([buildSafetensors(tensors)], 'rwkv7.safetensors')
}

const olderName = (name: string) => `rwkv7.${name.replace(/^emb\./, 'embeddings.')}`

test.each(['webgpu', 'wasm'] as const)(
  'on %s a model whose embedding has gone through LN0 computes what it did before',
  (device) =>
    withEngine(async (engine) => {
      const model = await engine.loadModel(await folded(olderName), { vocabulary, device })
      expect(model.info.config.hasNormedEmbedding).toBe(true)
      const oracle = await createOracleModel(official)
      const ids = [5, 77, 200, 5, 12]
      const state = await model.createState()
      await state.feed(ids)
      expectClose(await state.logits(), oracle.feed(oracle.createState(), ids), { atol: 1e-4 })
      await model.dispose()
    }),
)

test('under official names, a file without LN0 lacks it', () =>
  withEngine((engine) =>
    expect(folded((name) => name).then((file) => engine.loadModel(file, { vocabulary }))).rejects.toMatchObject({
      code: 'model/missing-tensor',
      message: expect.stringContaining('blocks.0.ln0.weight'),
    }),
  ))
