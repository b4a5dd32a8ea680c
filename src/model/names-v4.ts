/**
 * @file The tensors of RWKV-4: their official names and shapes, in the order of the data, and the way from Hugging Face's
 * names to the official ones. Everything that walks over a model's weights walks over this list.
 */

import { RwkvError } from '../core/errors.ts'
import type { ModelConfig } from '../core/protocol.ts'
import type { Checkpoint, TensorEntry, UnreadableTensor } from '../file/checkpoint.ts'
import { unwrappedName } from './wrapped-names.ts'

/** A tensor a model must have. */
export interface TensorSpec {
  /** Official name. */
  readonly name: string
  /** (out, in) for matrices; vectors have rank 1 here and may be stored with further axes of length 1. */
  readonly shape: readonly number[]
}

/** Every tensor of an RWKV-4 model, in the order in which a token meets them. */
export function* tensorsV4({ L, C, F, V }: Pick<ModelConfig, 'L' | 'C' | 'F' | 'V'>): Generator<TensorSpec> {
  yield { name: 'emb.weight', shape: [V, C] }
  yield* norm('blocks.0.ln0', C)
  for (let layer = 0; layer < L; layer++) yield* layerV4(`blocks.${layer}`, C, F)
  yield* norm('ln_out', C)
  yield { name: 'head.weight', shape: [V, C] }
}

function* layerV4(block: string, C: number, F: number): Generator<TensorSpec> {
  yield* norm(`${block}.ln1`, C)
  yield { name: `${block}.att.time_mix_k`, shape: [C] }
  yield { name: `${block}.att.time_mix_v`, shape: [C] }
  yield { name: `${block}.att.time_mix_r`, shape: [C] }
  yield { name: `${block}.att.key.weight`, shape: [C, C] }
  yield { name: `${block}.att.value.weight`, shape: [C, C] }
  yield { name: `${block}.att.receptance.weight`, shape: [C, C] }
  yield { name: `${block}.att.time_first`, shape: [C] }
  yield { name: `${block}.att.time_decay`, shape: [C] }
  yield { name: `${block}.att.output.weight`, shape: [C, C] }
  yield* norm(`${block}.ln2`, C)
  yield { name: `${block}.ffn.time_mix_k`, shape: [C] }
  yield { name: `${block}.ffn.time_mix_r`, shape: [C] }
  yield { name: `${block}.ffn.key.weight`, shape: [F, C] }
  yield { name: `${block}.ffn.receptance.weight`, shape: [C, C] }
  yield { name: `${block}.ffn.value.weight`, shape: [C, F] }
}

function* norm(name: string, C: number): Generator<TensorSpec> {
  yield { name: `${name}.weight`, shape: [C] }
  yield { name: `${name}.bias`, shape: [C] }
}

/** Parts of Hugging Face's names and what they are officially, applied in this order. */
const FROM_HUGGING_FACE: readonly (readonly [from: RegExp, to: string])[] = [
  [/^rwkv\./, ''],
  [/^embeddings\./, 'emb.'],
  [/^(blocks\.\d+)\.pre_ln\./, '$1.ln0.'],
  [/^(blocks\.\d+)\.attention\./, '$1.att.'],
  [/^(blocks\.\d+)\.feed_forward\./, '$1.ffn.'],
  [/\.time_mix_key$/, '.time_mix_k'],
  [/\.time_mix_value$/, '.time_mix_v'],
  [/\.time_mix_receptance$/, '.time_mix_r'],
]

/** The official name of a tensor, whose name may be wrapped and one of Hugging Face's (`rwkv.…`); any other stays as it is. */
export function officialName(wrapped: string): string {
  const name = unwrappedName(wrapped)
  if (!name.startsWith('rwkv.')) return name
  return FROM_HUGGING_FACE.reduce((official, [from, to]) => official.replace(from, to), name)
}

/**
 * The tensors of a checkpoint by their official names; the entries keep the names of the file.
 * @throws RwkvError `file/duplicate-name` if two tensors of the file mean the same one.
 */
export function officialTensors(checkpoint: Checkpoint): ReadonlyMap<string, TensorEntry> {
  return byOfficialName(checkpoint.file, checkpoint.tensors)
}

/** As `officialTensors`, for those whose element type cannot be read. */
export function officialUnreadable(checkpoint: Checkpoint): ReadonlyMap<string, UnreadableTensor> {
  return byOfficialName(checkpoint.file, checkpoint.unreadable)
}

function byOfficialName<T>(file: string, tensors: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
  const official = new Map<string, T>()
  for (const [name, tensor] of tensors) {
    const resolved = officialName(name)
    if (official.has(resolved)) {
      throw new RwkvError(
        'file/duplicate-name',
        `${file} has ${resolved} under two names, one of them ${name}; expected each tensor once. Convert the model again.`,
      )
    }
    official.set(resolved, tensor)
  }
  return official
}
