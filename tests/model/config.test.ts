import { describe, expect, test } from 'vitest'
import type { ErrorCode } from '../../src/core/errors.ts'
import { inferConfig } from '../../src/model/config.ts'
import { architectures } from '../../src/rwkv/index.ts'
import { tensorsOf } from '../../src/rwkv/tensors.ts'
import type { TensorToWrite } from '../tools/safetensors-bytes.ts'
import { checkpointOf, huggingFaceName, rwkv4Tensors, SMALL } from './rwkv4-tensors.ts'

type Tensors = readonly TensorToWrite[]

const infer = async (tensors: Tensors) => inferConfig(await checkpointOf(tensors), architectures)
const without = (pattern: RegExp) => rwkv4Tensors().filter(({ name }) => !pattern.test(name))
const withTensor = (name: string, shape: readonly number[] = [8], dtype = 'F16') => [
  ...rwkv4Tensors(),
  { name, dtype, shape },
]
const changed = (name: string, change: Partial<TensorToWrite>) =>
  rwkv4Tensors().map((tensor) => (tensor.name === name ? { ...tensor, ...change } : tensor))

describe('inferConfig', () => {
  test('sizes come from names and shapes alone', async () => {
    for (const sizes of [SMALL, { L: 1, C: 8, F: 8, V: 1 }, { L: 12, C: 8, F: 40, V: 300 }]) {
      for (const dtype of ['F32', 'F16', 'BF16']) {
        expect((await infer(rwkv4Tensors(sizes, dtype))).config).toEqual({ version: 4, ...sizes })
      }
    }
  })

  test("a file with Hugging Face's names is the same model", async () => {
    const official = rwkv4Tensors()
    const { config, tensors } = await infer(
      official.map((tensor) => ({ ...tensor, name: huggingFaceName(tensor.name) })),
    )
    expect(config).toEqual({ version: 4, ...SMALL })
    expect([...tensors.keys()]).toEqual(official.map(({ name }) => name))
    expect(tensors.get('blocks.2.att.time_mix_r')?.name).toBe('rwkv.blocks.2.attention.time_mix_receptance')
  })

  test.each(['module.', '_forward_module.', '_orig_mod.', '_forward_module._orig_mod.', 'model.', 'model.module.'])(
    'a file whose names all begin with %s is the same model, of either kind of names',
    async (prefix) => {
      const official = rwkv4Tensors()
      for (const rename of [(name: string) => name, huggingFaceName]) {
        const named = official.map((tensor) => ({ ...tensor, name: prefix + rename(tensor.name) }))
        const { config, tensors } = await infer(named)
        expect(config).toEqual({ version: 4, ...SMALL })
        expect([...tensors.keys()]).toEqual(official.map(({ name }) => name))
      }
    },
  )

  test('blocks that were compiled or checkpointed one by one are the same model', async () => {
    const named = rwkv4Tensors().map((tensor) => ({
      ...tensor,
      name: tensor.name.replace(/^(blocks\.\d)\./, '$1._orig_mod._checkpoint_wrapped_module.'),
    }))
    expect((await infer(named)).config).toEqual({ version: 4, ...SMALL })
  })

  test.each([
    'blocks.0.att.key.lora_A',
    'base_model.model.rwkv.blocks.0.attention.key.lora_B.default.weight',
    'module.blocks.1.ffn.value.lora_B',
    'blocks.0.att.value.lora.0',
    'blocks.0.att.value.lora_magnitude_vector.default.weight',
    'emb.lora_embedding_A.default',
  ])('an adapter that is not merged is refused, beside its model and alone: %s', async (name) => {
    for (const tensors of [withTensor(name, [8, 2]), [{ name, dtype: 'F32', shape: [8, 2] }]]) {
      await expect(infer(tensors)).rejects.toMatchObject({
        code: 'model/unmerged',
        message: expect.stringContaining('not merged'),
      })
    }
  })

  test('low-rank matrices that are all square, in a file that web-rwkv may have converted, are refused: nothing tells how they lie', async () => {
    const sizes = { version: 7, L: 2, C: 32, F: 64, V: 11, headSize: 16, ranks: { v: 32, w: 32, a: 32, g: 8 } } as const
    const square = (dtype: string) => Array.from(tensorsOf(sizes), (spec) => ({ ...spec, dtype }))
    await expect(infer(square('F16'))).rejects.toMatchObject({
      code: 'model/tensor-shape',
      message: expect.stringMatching(/blocks\.0\.att\.w1, .* are square, so it cannot be told/),
    })
    expect((await infer(square('BF16'))).config).toEqual(sizes)
  })

  test('matrices that ChatRWKV transposed are refused by what they are', async () => {
    const turned = rwkv4Tensors()
      .filter(({ name }) => !name.includes('.ln0.'))
      .map((tensor) => (tensor.shape.length === 2 ? { ...tensor, shape: tensor.shape.toReversed() } : tensor))
      .map((tensor) => (tensor.name === 'emb.weight' ? { ...tensor, shape: tensor.shape.toReversed() } : tensor))
    await expect(infer(turned)).rejects.toMatchObject({
      code: 'file/unsupported',
      message: expect.stringMatching(/transposed \(head\.weight is 8 × 11\), as ChatRWKV converts them/),
    })
  })

  test('vectors may be stored with axes of length 1, and the order of the file means nothing', async () => {
    const tensors = rwkv4Tensors().map((tensor) => ({ ...tensor, shape: tensor.shape.filter((size) => size !== 1) }))
    expect((await infer(tensors.reverse())).config.L).toBe(3)
    expect((await infer(changed('ln_out.weight', { shape: [8, 1] }))).config.C).toBe(8)
  })

  test('other tensors are ignored, also unreadable ones', async () => {
    const { config, tensors } = await infer([
      ...withTensor('optimizer.step', [1], 'I64'),
      { name: 'note', dtype: 'F32', shape: [3] },
    ])
    expect(config.L).toBe(3)
    expect(tensors.size).toBe(rwkv4Tensors().length)
  })

  test.each<[number, string, Tensors, ErrorCode, RegExp]>([
    [
      29,
      'an embedding of no rows',
      changed('emb.weight', { shape: [0, 8] }),
      'model/tensor-shape',
      /emb\.weight has shape \(0, 8\)/,
    ],
    [
      29,
      'a vector of no elements',
      changed('blocks.1.ln2.bias', { shape: [0] }),
      'model/tensor-shape',
      /blocks\.1\.ln2\.bias has shape \(0\); expected \(8\)/,
    ],
    [
      33,
      'a missing tensor of a layer',
      without(/^blocks\.1\.ffn\.value/),
      'model/missing-tensor',
      /blocks\.1\.ffn\.value\.weight is missing/,
    ],
    [33, 'no embedding', without(/^emb/), 'model/missing-tensor', /emb\.weight is missing/],
    [33, 'no head', without(/^head/), 'model/missing-tensor', /head\.weight is missing/],
    [33, 'no layers', without(/^blocks/), 'model/missing-tensor', /at least one layer/],
    [33, 'no tensors', [], 'model/missing-tensor', /no tensors/],
    [
      33,
      'another model',
      [{ name: 'model.embed_tokens.weight', dtype: 'F16', shape: [4, 4] }],
      'model/missing-tensor',
      /model\.embed_tokens/,
    ],
    [
      34,
      'a gap in the layers',
      without(/^blocks\.1\./),
      'model/layer-gap',
      /layer 1 is missing; expected every layer from 0 to 2/,
    ],
    [34, 'no first layer', without(/^blocks\.0\./), 'model/layer-gap', /layer 0 is missing/],
    [34, 'a layer far away', withTensor('blocks.999999999999.ln1.weight'), 'model/layer-gap', /layer 3 is missing/],
    [
      35,
      'a wrong width',
      changed('blocks.1.att.key.weight', { shape: [8, 12] }),
      'model/tensor-shape',
      /blocks\.1\.att\.key\.weight has shape \(8, 12\); expected \(8, 8\)/,
    ],
    [
      35,
      'a wrong rank',
      changed('blocks.1.att.key.weight', { shape: [64] }),
      'model/tensor-shape',
      /\(64\); expected \(8, 8\)/,
    ],
    [
      35,
      'a matrix with an axis of length 1',
      changed('blocks.1.att.key.weight', { shape: [1, 8, 8] }),
      'model/tensor-shape',
      /\(1, 8, 8\)/,
    ],
    [
      35,
      'an embedding of rank 3',
      changed('emb.weight', { shape: [1, 11, 8] }),
      'model/tensor-shape',
      /expected a matrix/,
    ],
    [
      35,
      'a head of another vocabulary',
      changed('head.weight', { shape: [12, 8] }),
      'model/tensor-shape',
      /\(12, 8\); expected \(11, 8\)/,
    ],
    [
      35,
      'another F in a later layer',
      changed('blocks.2.ffn.value.weight', { shape: [8, 32] }),
      'model/tensor-shape',
      /\(8, 32\); expected \(8, 24\)/,
    ],
    [
      35,
      'a width that is not a multiple of 8',
      rwkv4Tensors({ ...SMALL, C: 12 }),
      'model/tensor-shape',
      /C, .* is 12; expected a multiple of 8/,
    ],
    [
      35,
      'an F that is not a multiple of 8',
      rwkv4Tensors({ ...SMALL, F: 28 }),
      'model/tensor-shape',
      /F, .* is 28; expected a multiple of 8/,
    ],
    [36, 'a layer of RWKV-6', withTensor('blocks.1.att.time_maa_x'), 'model/mixed-versions', /RWKV-4 .*RWKV-6/],
    [36, 'a gate of RWKV-5', withTensor('blocks.1.att.gate.weight', [8, 8]), 'model/mixed-versions', /RWKV-4 .*RWKV-5/],
    [
      17,
      'a needed tensor of integers',
      changed('blocks.0.ln1.bias', { dtype: 'I64' }),
      'file/dtype',
      /blocks\.0\.ln1\.bias is I64; expected F32/,
    ],
    [11, 'one tensor under two names', withTensor('rwkv.embeddings.weight'), 'file/duplicate-name', /emb\.weight/],
  ])('fault %i: %s is refused', async (_, __, tensors, code, message) => {
    await expect(infer(tensors)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })

  const block = (...names: string[]): TensorToWrite[] =>
    ['emb.weight', ...names.map((name) => `blocks.0.${name}`)].map((name) => ({ name, dtype: 'F16', shape: [8, 8] }))
  test.each<[string, Tensors]>([
    ['RWKV-7a', block('att.r_k', 'att.k_k', 'att.ln_x.weight', 'ffn.x_k', 'ffn.s_emb.weight')],
    ['RWKV-7a', block('att.r_k', 'att.qkv.weight')],
    ['RWKV-7a or 7b', block('att.r_k', 'ffn.x_k', 'ffn.s_emb.weight', 'qkv.qq.weight', 'qkv.k_emb.weight')],
    ['RWKV-8', block('att.r_k', 'att.ln_x.weight', 'ffn.x_k', 'ffn.enn.weight')],
    ['RWKV-8', block('att.r_k', 'qkv.qq.weight', 'qkv.ennk.weight', 'ffn.enn.weight')],
    ['RWKV-8', block('rosa.q.weight', 'rosa.x_q', 'ffn.x_k')],
    ['RWKV-4a', withTensor('blocks.1.tiny_ln.weight')],
    ['RWKV-4a', withTensor('blocks.1.att.time_mix_qq')],
    ['RWKV-4a', withTensor('head_q.weight', [8, 8])],
  ])('%s is refused by its name', async (version, tensors) => {
    await expect(infer(tensors)).rejects.toMatchObject({
      code: 'model/unsupported-version',
      message: expect.stringContaining(`is ${version}`),
    })
  })

  test.each<[number, Tensors]>([
    [6, block('att.time_maa_x', 'att.time_faaaa', 'att.gate.weight', 'att.ln_x.weight', 'ffn.time_maa_k')],
    [5, block('att.time_mix_k', 'att.time_mix_g', 'att.time_faaaa', 'att.gate.weight', 'att.ln_x.weight')],
    [5, [...block('att.time_mix_k', 'att.ln_x.weight'), { name: 'blocks.0.att.time_first', dtype: 'F16', shape: [2] }]],
    [5, [{ name: 'rwkv.blocks.0.attention.gate.weight', dtype: 'F16', shape: [8, 8] }]],
  ])('RWKV-%i is told by a few tensors, which are not enough', async (version, tensors) => {
    await expect(infer(tensors)).rejects.toMatchObject({
      code: 'model/missing-tensor',
      message: expect.stringContaining(`Take a complete RWKV-${version} model`),
    })
  })
})
