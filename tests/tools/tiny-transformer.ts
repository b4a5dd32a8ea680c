/**
 * @file A transformer of a few thousand weights drawn by seed, as the files that transformers.js wants of the Hub: keys and
 * values of grouped heads, kept in a cache that grows. What is read at once sees all of itself (a prefix language model),
 * and nothing tells places apart: its words do not matter, what it keeps and costs does.
 */

import { tinyBpe } from './bpe-json.ts'
import { createGraphWriter, ELEMENT, encodeModel, initializer, intAttribute, intsAttribute, valueInfo } from './onnx.ts'
import { randomArray } from './random-array.ts'

/** Its sizes, and the tokens it can hold. */
export const tinyTransformer = { layers: 2, heads: 4, kvHeads: 2, headDim: 8, vocabulary: 263, context: 160 } as const

const { layers, heads, kvHeads, headDim, vocabulary, context } = tinyTransformer
const CHANNELS = heads * headDim
const GROUP = heads / kvHeads

/** Bytes of the cache for one token, from the definition: a key and a value in f32 for each head that has its own. */
export const cacheBytesPerToken = 2 * layers * kvHeads * headDim * 4

/** Its files, as the Hub's server takes them. */
export function tinyTransformerFiles(): { path: string; parts: Uint8Array<ArrayBuffer>[] }[] {
  const json = (value: object) => new TextEncoder().encode(JSON.stringify(value))
  return [
    { path: 'config.json', parts: [json(config)] },
    { path: 'tokenizer.json', parts: [new TextEncoder().encode(tinyBpe())] },
    { path: 'tokenizer_config.json', parts: [json({ tokenizer_class: 'GPTNeoXTokenizer' })] },
    { path: 'generation_config.json', parts: [json({ eos_token_id: 0 })] },
    { path: 'onnx/model.onnx', parts: [encodeTransformer()] },
  ]
}

const config = {
  model_type: 'llama',
  architectures: ['LlamaForCausalLM'],
  hidden_size: CHANNELS,
  num_hidden_layers: layers,
  num_attention_heads: heads,
  num_key_value_heads: kvHeads,
  head_dim: headDim,
  vocab_size: vocabulary,
  max_position_embeddings: context,
  eos_token_id: 0,
}

function encodeTransformer(): Uint8Array<ArrayBuffer> {
  const { nodes, node } = createGraphWriter()
  const initializers = [
    initializer('group', [1], BigInt64Array.of(2n)), // the axis of heads that share a key
    ...shapes({ queries: [0, 0, kvHeads, GROUP, headDim], keys: [0, 0, kvHeads, headDim], joined: [0, 0, CHANNELS] }),
  ]
  let seed = 0
  const weight = (name: string, shape: readonly number[]) => {
    const values = randomArray(
      ++seed,
      shape.reduce((a, b) => a * b, 1),
      shape.length > 1 ? 0.3 : 1,
    )
    initializers.push(initializer(name, shape, values))
    return name
  }
  const times = (x: string, name: string, from: number, to: number) => node('MatMul', [x, weight(name, [from, to])])
  const transpose = (x: string, ...perm: readonly number[]) =>
    node('Transpose', [x], { attributes: [intsAttribute('perm', perm)] })
  const norm = (x: string, name: string) => node('LayerNormalization', [x, weight(name, [CHANNELS])])

  /** Keys or values of these tokens behind those of all before: (B, kvHeads, past + T, headDim). */
  const kept = (x: string, layer: number, kind: 'key' | 'value') => {
    const now = times(x, `${kind}.${layer}`, CHANNELS, kvHeads * headDim)
    const split = transpose(node('Reshape', [now, 'keys']), 0, 2, 1, 3)
    const all = node('Concat', [`past_key_values.${layer}.${kind}`, split], {
      name: `present.${layer}.${kind}`,
      attributes: [intAttribute('axis', 2)],
    })
    return node('Unsqueeze', [all, 'group'])
  }

  let x = node('Gather', [weight('embedding', [vocabulary, CHANNELS]), 'input_ids'])
  for (let layer = 0; layer < layers; layer++) {
    const a = norm(x, `norm.${layer}`)
    const queries = transpose(
      node('Reshape', [times(a, `query.${layer}`, CHANNELS, CHANNELS), 'queries']),
      0,
      2,
      3,
      1,
      4,
    )
    const scores = node('MatMul', [queries, transpose(kept(a, layer, 'key'), 0, 1, 2, 4, 3)])
    const seen = node('MatMul', [node('Softmax', [scores]), kept(a, layer, 'value')])
    const joined = node('Reshape', [transpose(seen, 0, 3, 1, 2, 4), 'joined'])
    x = node('Add', [x, times(joined, `output.${layer}`, CHANNELS, CHANNELS)])
    const hidden = node('Relu', [times(norm(x, `norm2.${layer}`), `up.${layer}`, CHANNELS, 2 * CHANNELS)])
    x = node('Add', [x, times(hidden, `down.${layer}`, 2 * CHANNELS, CHANNELS)])
  }
  node('MatMul', [norm(x, 'last'), weight('head', [CHANNELS, vocabulary])], { name: 'logits' })

  const caches = (start: string, length: string) =>
    Array.from({ length: layers }, (_, layer) =>
      ['key', 'value'].map((kind) =>
        valueInfo(`${start}.${layer}.${kind}`, ELEMENT.float, ['batch_size', kvHeads, length, headDim]),
      ),
    ).flat()
  return encodeModel({
    name: 'tiny transformer',
    nodes,
    initializers,
    inputs: [valueInfo('input_ids', ELEMENT.int64, ['batch_size', 'sequence']), ...caches('past_key_values', 'past')],
    outputs: [
      valueInfo('logits', ELEMENT.float, ['batch_size', 'sequence', vocabulary]),
      ...caches('present', 'total'),
    ],
  })
}

/** Shapes are tensors too. 0 keeps a size. */
function shapes(named: Readonly<Record<string, readonly number[]>>) {
  return Object.entries(named).map(([name, sizes]) =>
    initializer(name, [sizes.length], BigInt64Array.from(sizes, BigInt)),
  )
}
