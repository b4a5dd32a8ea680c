import { expect, test } from 'vitest'
import { officialName, officialTensors } from '../../src/model/names.ts'
import { checkpointOf, rwkv4Tensors } from './rwkv4-tensors.ts'

test.each([
  ['rwkv.embeddings.weight', 'emb.weight'],
  ['rwkv.blocks.0.pre_ln.bias', 'blocks.0.ln0.bias'],
  ['rwkv.blocks.11.attention.time_mix_receptance', 'blocks.11.att.time_mix_r'],
  ['rwkv.blocks.1.feed_forward.value.weight', 'blocks.1.ffn.value.weight'],
  ['rwkv.ln_out.weight', 'ln_out.weight'],
  ['head.weight', 'head.weight'],
  ['blocks.0.att.time_decay', 'blocks.0.att.time_decay'],
  ['embeddings.weight', 'embeddings.weight'],
  ['__proto__', '__proto__'],
])('%s is officially %s', (name, official) => {
  expect(officialName(name)).toBe(official)
})

test('officialTensors keeps the entries of the file', async () => {
  const checkpoint = await checkpointOf(rwkv4Tensors())
  expect(officialTensors(checkpoint)).toEqual(checkpoint.tensors)
})
