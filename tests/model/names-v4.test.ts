import { expect, test } from 'vitest'
import { officialName, officialTensors, tensorsV4 } from '../../src/model/names-v4.ts'
import { checkpointOf, rwkv4Tensors, SMALL } from './rwkv4-tensors.ts'

test('the weights of 169M are those of the model card: 12 × 768, F = 3072, 169 million', () => {
  const specs = [...tensorsV4({ L: 12, C: 768, F: 3072, V: 50277 })]
  const count = specs.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0)
  expect(specs).toHaveLength(2 + 12 * 18 + 4)
  expect(count).toBe(169_342_464)
})

test('every name is there once', () => {
  const names = Array.from(tensorsV4(SMALL), ({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
})

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
