/**
 * @file Replies to what a session has read, told as events: what every other API's answer, whole or streamed, is made of.
 */

import type { Model, ReplySummary, SaidToken, Session } from '../../core/protocol.ts'
import { createQueue, type Queue } from '../../core/queue.ts'
import { leaving } from '../../core/reply.ts'

/** What happens while replies are made; `index` says in which. */
export type ReplyEvent =
  | { readonly type: 'thoughts'; readonly index: number; readonly text: string }
  | {
      readonly type: 'text'
      readonly index: number
      readonly text: string
      /** If log probabilities were asked for: those that `text` is made of. */
      readonly tokens: readonly SaidToken[]
    }
  | {
      readonly type: 'end'
      readonly index: number
      readonly summary: ReplySummary
    }

/** What `startReplies` takes. */
export interface Replies {
  readonly model: Model
  /** One that has something to answer. It is disposed when all replies are made. */
  readonly session: Session
  /** How many. */
  readonly n: number
  /** The seed of the first; the others' count up. */
  readonly seed?: number | undefined
  readonly wantsTokens: boolean
  /** Replies to chats begin with a space, which is no part of the answer unless a format asks for it. */
  readonly trims: boolean
  readonly signal?: AbortSignal | undefined
}

/**
 * Start `n` replies. Iterate once; breaking out ends the replies, an abort throws its reason. They are made whether or not
 * anybody listens.
 */
export async function startReplies(asked: Replies): Promise<AsyncGenerator<ReplyEvent, void, void>> {
  const { model, session, n, seed, wantsTokens, trims, signal } = asked
  const stop = new AbortController()
  const heard: SaidToken[][] = Array.from({ length: n }, () => [])
  const thoughts = heard.map(() => createQueue<string>())
  const options = {
    ...(seed !== undefined && { sampling: { seed } }),
    signal: signal ? AbortSignal.any([signal, stop.signal]) : stop.signal,
    onThoughts: (piece: string, reply = 0) => thoughts[reply]?.push(piece),
    ...(wantsTokens && {
      onToken: (token: SaidToken, reply = 0) => void (token.isThought || heard[reply]?.push(token)),
    }),
  }

  const begin = async () => (n === 1 ? [session.respond(options)] : await model.generateMany({ session, n }, options))
  const replies = await begin().catch(async (error: unknown) => {
    await session.dispose()
    throw error
  })
  void Promise.allSettled(replies.map(({ summary }) => summary)).then(() => session.dispose())

  async function* eventsOf(index: number): AsyncGenerator<ReplyEvent, void, void> {
    const reply = replies[index] as (typeof replies)[number]
    const trim = trims ? createTrim() : (piece: string) => piece
    const trimTokens = trims ? createTokenTrim() : (tokens: readonly SaidToken[]) => tokens
    /** Where tokens are asked for, the text is theirs. */
    const heardSoFar = (): ReplyEvent[] => {
      const tokens = trimTokens(heard[index]?.splice(0) ?? [])
      return tokens.length > 0 ? [{ type: 'text', index, text: textOf(tokens), tokens }] : []
    }
    const pieces = reply[Symbol.asyncIterator]()
    const first = pieces.next()
    const { items, end } = thoughts[index] as Queue<string>
    first.then(end, end) // no thought comes behind the beginning of the answer
    for await (const text of items()) yield { type: 'thoughts', index, text }
    for (let step = await first; !step.done; step = await pieces.next()) {
      if (wantsTokens) yield* heardSoFar()
      else {
        const text = trim(step.value)
        if (text !== '') yield { type: 'text', index, text, tokens: [] }
      }
    }
    const summary = await reply.summary
    yield* heardSoFar()
    yield { type: 'end', index, summary }
  }

  async function* all(): AsyncGenerator<ReplyEvent, void, void> {
    try {
      yield* merge(replies.map((_, index) => eventsOf(index)))
    } finally {
      stop.abort()
    }
  }
  return leaving(all(), () => stop.abort())
}

/** What tokens say together. */
export const textOf = (tokens: readonly SaidToken[]): string => tokens.map(({ text }) => text).join('')

/** Takes the pieces of a text in order and gives them back without the white space that it begins with. */
export function createTrim(): (piece: string) => string {
  let isBegun = false
  return (piece) => {
    const text = isBegun ? piece : piece.trimStart()
    isBegun ||= text !== ''
    return text
  }
}

/** The same for tokens; those without text of their own wait for the one that completes their character. */
function createTokenTrim(): (tokens: readonly SaidToken[]) => readonly SaidToken[] {
  let isBegun = false
  let waiting: SaidToken[] = []
  return (tokens) =>
    tokens.flatMap((token) => {
      if (isBegun) return token
      const text = token.text.trimStart()
      isBegun = text !== ''
      if (isBegun) return [...waiting, { ...token, text }]
      waiting = token.text === '' ? [...waiting, token] : []
      return []
    })
}

/** What several generators give, in the order in which it comes; all of them end with it. */
export async function* merge<T>(sources: readonly AsyncGenerator<T, void, void>[]): AsyncGenerator<T, void, void> {
  const next = (source: AsyncGenerator<T, void, void>) => {
    const step = source.next().then((result) => ({ source, result }))
    step.catch(() => {}) // the listener gets the error
    return step
  }
  const waiting = new Map(sources.map((source) => [source, next(source)]))
  try {
    while (waiting.size > 0) {
      const { source, result } = await Promise.race(waiting.values())
      if (result.done) {
        waiting.delete(source)
        continue
      }
      waiting.set(source, next(source))
      yield result.value
    }
  } finally {
    for (const source of waiting.keys()) source.return().catch(() => {}) // once it has what it waits for
  }
}

/** Replies to one context, and how long reading it took before they began. */
export interface Group {
  readonly summaries: readonly ReplySummary[]
  readonly readMs: number
}

/** What replies cost together. */
export interface Cost {
  /** Ids in front of the replies, each context counted once, and how many of them were read before. */
  readonly contextTokens: number
  readonly reusedTokens: number
  /** Ids of all replies. */
  readonly saidTokens: number
  /** Those of thoughts among them. */
  readonly thoughtTokens: number
  readonly fedPerSecond: number
  readonly saidPerSecond: number
}

/** The cost of replies that were made side by side. */
export function costOf(groups: readonly Group[]): Cost {
  const contexts = groups.flatMap(({ summaries: [first], readMs }) =>
    first ? [{ ...first, readMs: readMs + first.promptMs }] : [],
  )
  const replies = groups.flatMap(({ summaries }) => summaries)
  const contextTokens = sum(contexts.map((context) => context.contextTokens))
  const reusedTokens = sum(contexts.map((context) => context.reusedTokens))
  const later = sum(replies.map(({ ids }) => Math.max(0, ids.length - 1))) // the first came with the context
  return {
    contextTokens,
    reusedTokens,
    saidTokens: sum(replies.map(({ ids }) => ids.length)),
    thoughtTokens: sum(replies.map(({ thoughts }) => thoughts?.tokens ?? 0)),
    fedPerSecond: perSecond(contextTokens - reusedTokens, Math.max(0, ...contexts.map(({ readMs }) => readMs))),
    saidPerSecond: perSecond(later, Math.max(0, ...replies.map(({ generateMs }) => generateMs))),
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0)
const perSecond = (count: number, ms: number) => (ms > 0 ? (count * 1000) / ms : 0)
