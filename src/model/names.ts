/** @file The way from Hugging Face's names of tensors to the official ones. */

import { RwkvError } from '../core/errors.ts'
import type { Checkpoint, TensorEntry, UnreadableTensor } from '../file/checkpoint.ts'
import { unwrappedName } from './wrapped-names.ts'

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
