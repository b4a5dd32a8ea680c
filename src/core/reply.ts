/**
 * @file A reply as callers see it: pieces pushed by their producer (the token loop, or messages from the worker),
 * pulled by one `for await`.
 */

import type { Reply, ReplySummary } from './protocol.ts'
import { createQueue } from './queue.ts'

/** Makes a reply: calls `emit` with each piece and resolves with the summary; ends soon after `signal` is aborted. */
export type ReplySource = (emit: (piece: string) => void, signal: AbortSignal) => Promise<ReplySummary>

/**
 * Start `source` at once and give out what it makes. If the caller's `signal` ends it, the iterator throws the signal's
 * reason after the pieces that were made; breaking out of the iterator ends it too.
 */
export function createReply(source: ReplySource, signal?: AbortSignal): Reply {
  const stop = new AbortController()
  const pieces = createQueue<string>()
  const emit = (piece: string) => {
    if (piece !== '') pieces.push(piece)
  }
  const begin = async () => {
    signal?.throwIfAborted() // a reply that was never begun leaves no trace
    return source(emit, signal ? AbortSignal.any([signal, stop.signal]) : stop.signal)
  }
  const summary = begin().finally(pieces.end)
  summary.catch(() => {}) // iterating or awaiting the summary gives the error

  async function* iterate(): AsyncGenerator<string, void, void> {
    try {
      yield* pieces.items()
      const { finishReason } = await summary
      if (finishReason === 'abort') signal?.throwIfAborted()
    } finally {
      stop.abort()
    }
  }

  const iterator = leaving(iterate(), () => stop.abort())
  return { summary, [Symbol.asyncIterator]: () => iterator }
}

/** The generator; returning from it calls `leave` at once, also before its first value and while one is awaited. */
export function leaving<T>(generator: AsyncGenerator<T, void, void>, leave: () => void): AsyncGenerator<T, void, void> {
  const end = generator.return.bind(generator)
  generator.return = (value) => {
    leave()
    return end(value)
  }
  return generator
}
