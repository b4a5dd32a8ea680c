/**
 * @file The way from the names that tensors have in a file to the official ones. Whoever wrote the file may have kept some
 * matrices the other way round; then their entries say so.
 */

import { RwkvError } from '../core/errors.ts'
import type { Checkpoint, TensorEntry, UnreadableTensor } from '../file/checkpoint.ts'
import { unwrappedName } from './wrapped-names.ts'

/** A part of a name, what it is officially, and whether the matrix of that name lies turned. */
type Rule = readonly [from: RegExp, to: string, isTurned?: true]

/** One way to name tensors. */
interface Layout {
  /** In a name that only this layout has; the names of one file have one layout. */
  readonly mark: RegExp
  /** Applied to each name in this order. */
  readonly rules: readonly Rule[]
}

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
      [/\.att\.(?<low>[wavg])_lora\.lora\.0\.weight$/, '.att.$<low>1', true],
      [/\.att\.(?<low>[wavg])_lora\.lora\.2\.weight$/, '.att.$<low>2', true],
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
      [/^embeddings\./, 'emb.'],
    ],
  },
  // RWKV-7 by llama.cpp
  {
    mark: /^blk\.\d+\.time_mix_/,
    rules: [
      [/^token_embd\./, 'emb.'],
      [/^token_embd_norm\./, 'blocks.0.ln0.'],
      [/^output_norm\./, 'ln_out.'],
      [/^output\./, 'head.'],
      [/^blk\./, 'blocks.'],
      [/^(blocks\.\d+)\.attn_norm\./, '$1.ln1.'],
      [/^(blocks\.\d+)\.attn_norm_2\./, '$1.ln2.'],
      [/\.time_mix_lerp_fused\.weight\.(?<mix>[rwkvag])$/, '.att.x_$<mix>'],
      [/\.time_mix_(?<low>[wavg][12])\.weight$/, '.att.$<low>', true],
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
    ],
  },
]

/** What the names of one file are officially; any other stays as it is. */
function nameReader(names: Iterable<string>): (name: string) => { readonly name: string; readonly isTurned: boolean } {
  const unwrapped = Array.from(names, unwrappedName)
  const rules = LAYOUTS.find(({ mark }) => unwrapped.some((name) => mark.test(name)))?.rules ?? []
  return (wrapped) => {
    let name = unwrappedName(wrapped)
    let isTurned = false
    for (const [from, to, turns = false] of rules) {
      isTurned ||= turns && from.test(name)
      name = name.replace(from, to)
    }
    return { name, isTurned }
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
  const read = nameReader([...tensors.keys(), ...unreadable.keys()])
  const byName = <T extends UnreadableTensor>(entries: ReadonlyMap<string, T>): Map<string, T> => {
    const official = new Map<string, T>()
    for (const [stored, entry] of entries) {
      const { name, isTurned } = read(stored)
      if (official.has(name)) {
        throw new RwkvError(
          'file/duplicate-name',
          `${file} has ${name} under two names, one of them ${stored}; expected each tensor once. Convert the model again.`,
        )
      }
      official.set(name, isTurned ? turned(entry) : entry)
    }
    return official
  }
  const readable = byName(tensors)
  return { readable, all: new Map<string, UnreadableTensor>([...byName(unreadable), ...readable]) }
}

/** The entry of a matrix that lies the other way round than its shape is to say. */
export function turned<T extends UnreadableTensor>(entry: T): T {
  return { ...entry, shape: entry.shape.toReversed(), isTurned: !entry.isTurned }
}
