/**
 * @file A model in several files: `model.safetensors.index.json` (or `pytorch_model.bin.index.json`) says which tensor lies
 * in which file; together the files are one checkpoint.
 */

import { type ErrorCode, RwkvError } from '../core/errors.ts'
import { isJsonObject, parseStrictJson, quote } from './strict-json.ts'
import { type Checkpoint, checkInside, type TensorEntry, type UnreadableTensor } from './tensor.ts'

const MOST_FILES = 1000
const MAX_DEPTH = 8

/**
 * Tensor -> file name, by an index file. File names are plain: a shard lies beside its index.
 * @param file name of the index, for messages
 * @throws RwkvError `file/header-json`, `file/header-depth`, `file/duplicate-name`, `file/shards`.
 */
export function parseShardIndex(text: string, file: string): ReadonlyMap<string, string> {
  const fail = (code: ErrorCode, found: string) =>
    new RwkvError(code, `${file} is not a sound index of shards: ${found}. Download it again.`)
  const { value, end } = parseStrictJson(text, { maxDepth: MAX_DEPTH, fail })
  const map = isJsonObject(value) ? value.get('weight_map') : undefined
  if (!isJsonObject(map) || text.slice(end).trim() !== '') {
    throw fail('file/shards', 'expected one object with a weight_map')
  }
  const shards = new Map<string, string>()
  for (const [tensor, shard] of map) {
    if (typeof shard !== 'string' || !/^[\w.-]{1,200}$/.test(shard) || /^\.+$/.test(shard)) {
      throw fail(
        'file/shards',
        `tensor ${quote(tensor)} is said to lie in ${quote(shard)}; expected the name of a file beside the index`,
      )
    }
    shards.set(tensor, shard)
  }
  const count = new Set(shards.values()).size
  if (count === 0 || count > MOST_FILES)
    throw fail('file/shards', `it names ${count} files; expected 1 to ${MOST_FILES}`)
  return shards
}

/** All files of the model that `file` is a shard of, in order, by its name (`x-00001-of-00003.st`); any other is alone. */
export function shardsBeside(file: string): readonly string[] {
  const [, stem, , count = '', extension] = /^(.*-)(\d{5})-of-(\d{5})(\.\w+)$/.exec(file) ?? []
  const length = Number(count)
  if (length < 1 || length > MOST_FILES) return [file]
  return Array.from({ length }, (_, i) => `${stem}${String(i + 1).padStart(5, '0')}-of-${count}${extension}`)
}

/**
 * One checkpoint over the opened `parts`. Offsets of its entries count as if the files stood one after another.
 * @param file name, for messages
 * @param index by `parseShardIndex`, to check the parts against; every tensor it names must lie in the file it says
 * @throws RwkvError `file/duplicate-name`, `file/shards`.
 */
export function joinCheckpoints(
  file: string,
  parts: readonly Checkpoint[],
  index?: ReadonlyMap<string, string>,
): Checkpoint {
  const tensors = new Map<string, TensorEntry>()
  const unreadable = new Map<string, UnreadableTensor>()
  const origin = new Map<string, { readonly part: Checkpoint; readonly entry: UnreadableTensor }>()
  let start = 0
  for (const part of parts) {
    const add = <T extends UnreadableTensor>(from: ReadonlyMap<string, T>, to: Map<string, T>): void => {
      for (const [name, entry] of from) {
        const earlier = origin.get(name)
        if (earlier) {
          throw new RwkvError(
            'file/duplicate-name',
            `Tensor ${quote(name)} lies in ${earlier.part.file} and in ${part.file}; expected it once. Take the shards of one model.`,
          )
        }
        origin.set(name, { part, entry })
        to.set(name, { ...entry, offset: start + entry.offset })
      }
    }
    add(part.tensors, tensors)
    add(part.unreadable, unreadable)
    start += part.byteLength
  }
  for (const [name, shard] of index ?? []) {
    if (origin.get(name)?.part.file !== shard) {
      throw new RwkvError(
        'file/shards',
        `${file} says that tensor ${quote(name)} lies in ${shard}, but it does not. Take index and shards of one model.`,
      )
    }
  }
  return {
    file,
    byteLength: start,
    ...(parts[0]?.tokens && { tokens: parts[0].tokens }),
    tensors,
    unreadable,
    async read(tensor, byteOffset, byteLength) {
      checkInside(tensor, byteOffset, byteLength)
      const found = origin.get(tensor.name)
      const entry = found?.part.tensors.get(tensor.name)
      if (!found || !entry) throw new RangeError(`${tensor.name} is not of ${file}`)
      return found.part.read(entry, byteOffset, byteLength)
    },
  }
}
