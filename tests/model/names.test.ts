import { describe, expect, test } from 'vitest'
import { createByteSource } from '../../src/file/byte-source.ts'
import { openCheckpoint } from '../../src/file/checkpoint.ts'
import { officialTensors } from '../../src/model/names.ts'
import { buildSafetensors } from '../tools/safetensors-bytes.ts'
import { checkpointOf, rwkv4Tensors } from './rwkv4-tensors.ts'

/** What tensors of these names in one file are officially. */
async function officialNames(...names: string[]): Promise<string[]> {
  const tensors = names.map((name) => ({ name, dtype: 'F16', shape: [2, 3] }))
  const { all } = officialTensors(await openCheckpoint(createByteSource('m.st', buildSafetensors(tensors))))
  return [...all.keys()]
}

test.each([
  ['rwkv.embeddings.weight', 'emb.weight'],
  ['rwkv.blocks.0.pre_ln.bias', 'blocks.0.ln0.bias'],
  ['rwkv.blocks.11.attention.time_mix_receptance', 'blocks.11.att.time_mix_r'],
  ['rwkv.blocks.1.feed_forward.value.weight', 'blocks.1.ffn.value.weight'],
  ['rwkv.ln_out.weight', 'ln_out.weight'],
  ['rwkv7.blocks.1.att.w1', 'blocks.1.att.w1'],
  ['head.weight', 'head.weight'],
  ['blocks.0.att.time_decay', 'blocks.0.att.time_decay'],
  ['embeddings.weight', 'embeddings.weight'],
  ['model.embed_tokens.weight', 'model.embed_tokens.weight'], // of some other model
  ['model.layers.0.self_attn.q_proj.weight', 'model.layers.0.self_attn.q_proj.weight'],
  ['__proto__', '__proto__'],
])('%s is officially %s', async (name, official) => {
  expect(await officialNames(name)).toEqual([official])
})

test.each(['model.', ''])(
  'beside a tensor of RWKV-7 names beginning with "%s" are those of its layout',
  async (prefix) => {
    const names = await officialNames(
      ...['embeddings.weight', 'layers.0.attn.x_r', 'layers.1.attn.w_lora.lora.0.weight', 'norm.bias'].map(
        (name) => prefix + name,
      ),
    )
    expect(names).toEqual(['emb.weight', 'blocks.0.att.x_r', 'blocks.1.att.w1', 'ln_out.bias'])
  },
)

describe('officialTensors', () => {
  test('keeps the entries of the file', async () => {
    const checkpoint = await checkpointOf(rwkv4Tensors())
    expect(officialTensors(checkpoint).readable).toEqual(checkpoint.tensors)
  })
})
