/** @file Which ids of a model may be drawn, and how they are nudged: sampling options, made ready for one vocabulary. */

import { RwkvError } from '../core/errors.ts'
import type { SamplingOptions } from '../core/protocol.ts'
import type { Guide } from '../grammar/guide.ts'

/** Plain data, so that a sampler on the GPU can be given the same. */
export interface Constraint {
  /** Id -> what to add to its logit. */
  readonly bias: ReadonlyMap<number, number>
  /** Where given, only these are drawn. */
  readonly allowed?: readonly number[]
  /** Never drawn. */
  readonly banned: readonly number[]
  /** Not counted for the frequency penalty. */
  readonly exempt?: ReadonlySet<number>
  /** How many ids can be drawn, the end of the text not counted. */
  readonly choices: number
  /** With a format: which of them come next, token by token. Follows one reply, and is no plain data. */
  readonly guide?: Guide
}

/** What `createConstraint` must know of a model. */
export interface Vocabulary {
  readonly V: number
  /** False for ids that are never drawn whatever the options, since they stand for no text. */
  readonly isText: (id: number) => boolean
  readonly eosTokenId: number
  readonly encode: (text: string) => readonly number[]
}

/**
 * Judge the options that speak of tokens.
 * @throws RwkvError `option/invalid` for an id outside the vocabulary, a word that is not one token, or if nothing is left
 * to be drawn.
 */
export function createConstraint(
  { V, isText, eosTokenId, encode }: Vocabulary,
  { logitBias = [], allowedIds, bannedIds = [], frequencyExempt = [], minTokens }: SamplingOptions,
): Constraint {
  const checkId = (name: string, id: number): number => {
    if (id < V) return id
    throw new RwkvError(
      'option/invalid',
      `${name} holds the id ${id}; this model's ids are whole numbers from 0 to ${V - 1}.`,
    )
  }
  const bias = new Map<number, number>()
  for (const { token, bias: nudge } of logitBias) {
    const id = typeof token === 'number' ? checkId('logitBias', token) : wordId(token, encode)
    bias.set(id, (bias.get(id) ?? 0) + nudge)
  }
  const banned = bannedIds.map((id) => checkId('bannedIds', id))
  const allowed = allowedIds?.map((id) => checkId('allowedIds', id))

  const exempt = frequencyExempt.flatMap((token) => {
    if (typeof token === 'number') return [checkId('frequencyExempt', token)]
    const [id, ...more] = encode(token)
    return id !== undefined && more.length === 0 ? [id] : []
  })

  const isBanned = new Set(banned)
  const candidates = new Set(allowed ?? Array.from({ length: V }, (_, id) => id))
  const mayEnd = minTokens === 0 && candidates.has(eosTokenId) && !isBanned.has(eosTokenId)
  const choices = [...candidates].filter((id) => id !== eosTokenId && isText(id) && !isBanned.has(id)).length
  if (choices === 0 && !mayEnd) {
    throw new RwkvError(
      'option/invalid',
      'allowedIds and bannedIds leave no id to be drawn. Allow one that stands for text, or do not ban it.',
    )
  }
  return { bias, banned, choices, ...(allowed && { allowed }), ...(exempt.length > 0 && { exempt: new Set(exempt) }) }
}

function wordId(word: string, encode: (text: string) => readonly number[]): number {
  const ids = encode(word)
  const [id] = ids
  if (id !== undefined && ids.length === 1) return id
  throw new RwkvError(
    'option/invalid',
    `logitBias names ${JSON.stringify(word)}, which is ${ids.length} tokens (${ids.join(', ')}); expected a text that is one. Give the ids instead.`,
  )
}
