/**
 * @file The way from the names that tensors have in a file to the official ones. Whoever wrote the file may have kept some
 * matrices the other way round; then their entries say so.
 */

import { RwkvError } from '../core/errors.ts'
import type { Checkpoint, TensorEntry, UnreadableTensor } from '../file/checkpoint.ts'
import { unwrappedName } from './wrapped-names.ts'

/**
 * A part of a name, what it is officially, and how what has that name differs from it: turned matrices, logarithms, or an
 * embedding that LN0 may have gone into.
 */
type Rule = readonly [from: RegExp, to: string, differs?: 'turned' | 'logarithm' | 'normed']

/** One way to name tensors. */
interface Layout {
  /** In a name that only this layout has; the names of one file have one layout, the first of which there is a mark. */
  readonly mark: RegExp
  /** What else makes a tensor of this name a mark. */
  readonly isMark?: (tensor: UnreadableTensor) => boolean
  /** Applied to each name in this order. */
  readonly rules: readonly Rule[]
}

/** What all models are called by llama.cpp. */
const LLAMA_CPP: readonly Rule[] = [
  [/^token_embd\./, 'emb.'],
  [/^token_embd_norm\./, 'blocks.0.ln0.'],
  [/^output_norm\./, 'ln_out.'],
  [/^output\./, 'head.'],
  [/^blk\./, 'blocks.'],
  [/^(blocks\.\d+)\.attn_norm\./, '$1.ln1.'],
  [/^(blocks\.\d+)\.attn_norm_2\./, '$1.ln2.'],
]

const LAYOUTS: readonly Layout[] = [
  // RWKV-7 by flash-linear-attention, and by rwkv-rs, whose low-rank matrices keep their official names
  {
    mark: /^(model\.)?layers\.\d+\.(linear_)?attn\.(x_r|k_k|r_k)$/,
    rules: [
      [/^model\./, ''],
      [/^(embeddings|embed_tokens)\./, 'emb.'],
      [/^embedding_norm\./, 'blocks.0.ln0.'],
      [/^norm\./, 'ln_out.'],
      [/^lm_head\./, 'head.'],
      [/^layers\./, 'blocks.'],
      [/^(blocks\.\d+)\.pre_norm\./, '$1.ln0.'],
      [/^(blocks\.\d+)\.(attn_norm|input_layernorm)\./, '$1.ln1.'],
      [/^(blocks\.\d+)\.(ffn_norm|post_attention_layernorm)\./, '$1.ln2.'],
      [/^(blocks\.\d+)\.(linear_)?attn\./, '$1.att.'],
      [/\.att\.(?<low>[wavg])_lora\.lora\.0\.weight$/, '.att.$<low>1', 'turned'],
      [/\.att\.(?<low>[wavg])_lora\.lora\.2\.weight$/, '.att.$<low>2', 'turned'],
      [/\.att\.(?<low>[wav])_lora\.lora\.2\.bias$/, '.att.$<low>0'],
      [/\.att\.r_proj\./, '.att.receptance.'],
      [/\.att\.k_proj\./, '.att.key.'],
      [/\.att\.v_proj\./, '.att.value.'],
      [/\.att\.o_proj\./, '.att.output.'],
      [/\.att\.g_norm\./, '.att.ln_x.'],
      [/^(blocks\.\d+)\.mlp\./, '$1.ffn.'],
      [/\.ffn\.up_proj\./, '.ffn.key.'],
      [/\.ffn\.down_proj\./, '.ffn.value.'],
    ],
  },
  // RWKV-7 by the RWKV organisation
  {
    mark: /^rwkv7\./,
    rules: [
      [/^rwkv7\./, ''],
      [/^embeddings\./, 'emb.', 'normed'],
    ],
  },
  // RWKV-6 by llama.cpp
  {
    mark: /^blk\.\d+\.time_mix_lerp_x\./,
    rules: [
      ...LLAMA_CPP,
      [/\.time_mix_lerp_x\.weight$/, '.att.time_maa_x'],
      [/\.time_mix_lerp_fused\.weight\.(?<mix>[wkvrg])$/, '.att.time_maa_$<mix>'],
      [/\.time_mix_(?<low>w[12])\.weight$/, '.att.time_maa_$<low>', 'turned'],
      [/\.time_mix_(?<low>decay_w[12])\.weight$/, '.att.time_$<low>', 'turned'],
      [/\.time_mix_(?<fade>decay)\.weight$/, '.att.time_$<fade>'],
      [/\.time_mix_first\.weight$/, '.att.time_faaaa'],
      [/\.time_mix_ln\./, '.att.ln_x.'],
      [/\.time_mix_/, '.att.'],
      [/\.channel_mix_lerp_(?<mix>[kr])\.weight$/, '.ffn.time_maa_$<mix>'],
      [/\.channel_mix_/, '.ffn.'],
    ],
  },
  // RWKV-7 by llama.cpp
  {
    mark: /^blk\.\d+\.time_mix_/,
    rules: [
      ...LLAMA_CPP,
      [/\.time_mix_lerp_fused\.weight\.(?<mix>[rwkvag])$/, '.att.x_$<mix>'],
      [/\.time_mix_(?<low>[wavg][12])\.weight$/, '.att.$<low>', 'turned'],
      [/\.time_mix_(?<vector>[wav]0|k_k|k_a|r_k)\.weight$/, '.att.$<vector>'],
      [/\.time_mix_ln\./, '.att.ln_x.'],
      [/\.time_mix_/, '.att.'],
      [/\.channel_mix_lerp_k\.weight$/, '.ffn.x_k'],
      [/\.channel_mix_/, '.ffn.'],
    ],
  },
  // RWKV-4 to 6 by transformers; the head is no part of the module that all others are in
  {
    mark: /^rwkv\./,
    rules: [
      [/^rwkv\./, ''],
      [/^embeddings\./, 'emb.'],
      [/^(blocks\.\d+)\.pre_ln\./, '$1.ln0.'],
      [/^(blocks\.\d+)\.attention\./, '$1.att.'],
      [/^(blocks\.\d+)\.feed_forward\./, '$1.ffn.'],
      [/\.time_mix_key$/, '.time_mix_k'],
      [/\.time_mix_value$/, '.time_mix_v'],
      [/\.time_mix_receptance$/, '.time_mix_r'],
      [/\.time_mix_gate$/, '.time_mix_g'],
    ],
  },
  // RWKV-6 by web-rwkv's converter
  {
    mark: /^blocks\.\d+\.att\.time_mix_w1$/,
    rules: [
      [/\.att\.time_first$/, '.att.time_faaaa'],
      [/\.att\.time_mix_(?<low>w[12])$/, '.att.time_maa_$<low>', 'turned'],
      [/\.att\.(?<low>time_decay_w[12])$/, '.att.$<low>', 'turned'],
      [/\.time_mix_(?<mix>[xwkvrg])$/, '.time_maa_$<mix>'],
    ],
  },
  // RWKV-5.2 by web-rwkv's converter: under this name it has what others keep as logarithms
  {
    mark: /^blocks\.\d+\.att\.time_first$/,
    isMark: ({ dtype, shape }) => dtype === 'F16' && shape.length === 2,
    rules: [[/\.att\.time_first$/, '.att.time_faaaa']],
  },
  // RWKV-5 of all times by its authors
  {
    mark: /^blocks\.\d+\.att\.ln_x\.weight$/,
    rules: [[/\.att\.time_first$/, '.att.time_faaaa', 'logarithm']],
  },
]

/** A tensor by its official name and shape. */
type Reader = <T extends UnreadableTensor>(stored: T) => readonly [name: string, tensor: T]

/** What the tensors of one file are officially; any other stays as it is. */
function tensorReader(tensors: readonly UnreadableTensor[]): Reader {
  const isMarked = ({ mark, isMark = () => true }: Layout) =>
    tensors.some((tensor) => mark.test(unwrappedName(tensor.name)) && isMark(tensor))
  const rules = LAYOUTS.find(isMarked)?.rules ?? []
  return (stored) => {
    let name = unwrappedName(stored.name)
    let tensor = stored
    for (const [from, to, differs] of rules) {
      if (!from.test(name)) continue
      name = name.replace(from, to)
      if (differs === 'turned') tensor = turned(tensor)
      if (differs === 'logarithm') tensor = { ...tensor, isLogarithm: true }
      if (differs === 'normed') tensor = { ...tensor, isNormed: true }
    }
    return [name, tensor]
  }
}

/** Tensors by their official names, with official shapes; the entries keep the names of the file. */
export interface OfficialTensors {
  readonly readable: ReadonlyMap<string, TensorEntry>
  /** Those too whose element type cannot be read. */
  readonly all: ReadonlyMap<string, UnreadableTensor>
}

/**
 * The tensors of a checkpoint.
 * @throws RwkvError `file/duplicate-name` if two tensors of the file mean the same one.
 */
export function officialTensors({ file, tensors, unreadable }: Checkpoint): OfficialTensors {
  const read = tensorReader([...tensors.values(), ...unreadable.values()])
  const byName = <T extends UnreadableTensor>(entries: ReadonlyMap<string, T>): Map<string, T> => {
    const official = new Map<string, T>()
    for (const [stored, entry] of entries) {
      const [name, tensor] = read(entry)
      if (official.has(name)) {
        throw new RwkvError(
          'file/duplicate-name',
          `${file} has ${name} under two names, one of them ${stored}; expected each tensor once. Convert the model again.`,
        )
      }
      official.set(name, tensor)
    }
    return official
  }
  const readable = byName(tensors)
  return { readable, all: new Map<string, UnreadableTensor>([...byName(unreadable), ...readable]) }
}

/** The entry of a matrix that lies the other way round than its shape is to say. */
export function turned<T extends UnreadableTensor>(entry: T): T {
  const { shape } = entry
  return { ...entry, shape: [...shape.slice(0, -2), ...shape.slice(-2).toReversed()], isTurned: !entry.isTurned }
}
