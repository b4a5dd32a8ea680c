/** @file Formats of replies, made ready for a model's vocabulary once and kept for the next reply that asks for them. */

import { writePlainJson } from '../core/plain-json.ts'
import type { ReplyFormat, SamplingOptions } from '../core/protocol.ts'
import { inSlices } from '../core/slices.ts'
import type { Format, Guide } from '../grammar/guide.ts'
import type { SortedTokens } from '../grammar/tokens.ts'
import type { Tokenizer } from '../text/tokenizer.ts'

/** What formats must know of a model. */
export interface GuideParts {
  readonly V: number
  readonly eosTokenId: number
  /** @throws RwkvError `text/vocabulary` if there is none */
  readonly tokenizer: () => Tokenizer
}

const MOST_FORMATS = 16
const MOST_BYTES = 32 * 1024 * 1024 // of all of them
const NO_BYTES = new Uint8Array(0)

/**
 * A guide for each reply that has a format. What is needed for them is imported with the first one; making one ready gives
 * way to other work.
 * @returns rejects with RwkvError `option/invalid` where a format cannot be kept to or costs too much, and with the
 * signal's reason once it is aborted
 */
export function createGuides({ V, eosTokenId, tokenizer }: GuideParts) {
  const formats = new Map<string, Format>() // the one used last at the end
  let allTokens: SortedTokens | undefined

  return async (
    { format, allowedIds, bannedIds }: SamplingOptions,
    signal?: AbortSignal,
  ): Promise<Guide | undefined> => {
    if (!format) return undefined
    const { compileFormat, createFormat, meterOfFormat, sortInSlices } = await import('../grammar/compile.ts')
    const { bytesOf } = tokenizer()
    const isAll = !allowedIds && !bannedIds
    const sorted = () => {
      const allowed = allowedIds && new Set(allowedIds)
      const banned = new Set([...(bannedIds ?? []), eosTokenId])
      return sortInSlices(V, (id) => (banned.has(id) || allowed?.has(id) === false ? NO_BYTES : bytesOf(id)))
    }
    const written = writePlainJson('format', format)
    const key = `${written} ${JSON.stringify([allowedIds, bannedIds])}`
    let known = formats.get(key)
    if (!known) {
      const meter = meterOfFormat()
      const root = await inSlices(compileFormat(JSON.parse(written) as ReplyFormat, meter), signal)
      const tokens = (isAll && allTokens) || (await inSlices(sorted(), signal))
      if (isAll) allTokens = tokens
      known = await inSlices(createFormat(root, tokens, eosTokenId, meter), signal)
    }
    formats.delete(key)
    const { byteLength } = known
    const sizes = () => [...formats.values()].reduce((sum, { byteLength }) => sum + byteLength, byteLength)
    for (const old of formats.keys()) if (formats.size >= MOST_FORMATS || sizes() > MOST_BYTES) formats.delete(old)
    if (byteLength <= MOST_BYTES) formats.set(key, known)
    return known.start()
  }
}
