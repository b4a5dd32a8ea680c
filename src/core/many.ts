/**
 * @file Many replies at once, made of sessions, so that page and engine share it: sessions that speak at the same time are
 * stepped together by the engine.
 */

import type { Best, ManyOptions, Model, PromptOptions, Reply, ReplySummary, SamplesOf, Session } from './protocol.ts'
import { randomSeed } from './random.ts'

/** The part of a model that can be made of its sessions. */
export function createMany(createSession: Model['createSession']): Pick<Model, 'generateMany' | 'bestOf'> {
  return {
    async generateMany(from, { system, ...options } = {}) {
      const optionsOf = seeded(options)
      if ('session' in from) {
        const twins = await twinsOf(from, options)
        return twins.map((twin, i) => disposing(twin, twin.respond(optionsOf(i))))
      }
      const sessions = await allOrNone(from.map(() => createSession(system === undefined ? {} : { system })))
      return sessions.map((session, i) => disposing(session, session.prompt(from[i] as string, optionsOf(i))))
    },

    async bestOf(from, options = {}): Promise<Best> {
      const sampling = { ...options.sampling, logprobs: options.sampling?.logprobs ?? 0 }
      const optionsOf = seeded({ ...options, sampling })
      const twins = await twinsOf(from, options)
      let best: Session | undefined
      try {
        const replies = twins.map((twin, i) => twin.respond(optionsOf(i)))
        const ends = await Promise.allSettled(replies.map(({ summary }) => summary))
        options.signal?.throwIfAborted()
        const all = ends.map((end) => {
          if (end.status === 'rejected') throw end.reason
          return end.value
        })
        const scores = all.map(meanLogprob)
        const place = scores.indexOf(Math.max(...scores))
        best = twins[place] as Session
        return { session: best, summary: all[place] as ReplySummary, all }
      } finally {
        await Promise.all(twins.filter((twin) => twin !== best).map((twin) => twin.dispose()))
      }
    },
  }
}

/** The options of each reply: seeds count up, so that each of them can be made again alone. */
function seeded({
  onToken,
  onThoughts,
  sampling,
  ...options
}: Omit<ManyOptions, 'system'>): (reply: number) => PromptOptions {
  const seed = sampling?.seed ?? randomSeed()
  return (reply) => ({
    ...options,
    sampling: { ...sampling, seed: counted(seed, reply) },
    ...(onToken && { onToken: (token) => onToken(token, reply) }),
    ...(onThoughts && { onThoughts: (piece) => onThoughts(piece, reply) }),
  })
}

/** seed + reply, and from the greatest seed on again from 0. */
function counted(seed: number, reply: number): number {
  const room = Number.MAX_SAFE_INTEGER - seed
  return reply > room ? reply - room - 1 : seed + reply
}

/** Forks that have all read the message, which is fed once. */
async function twinsOf(
  { session, prompt, n }: SamplesOf,
  { signal, think }: Pick<ManyOptions, 'signal' | 'think'>,
): Promise<Session[]> {
  const base = await session.fork()
  try {
    if (prompt !== undefined)
      await base.append(prompt, { role: 'user', ...(think !== undefined && { think }), ...(signal && { signal }) })
    return await allOrNone(Array.from({ length: n }, () => base.fork()))
  } finally {
    await base.dispose()
  }
}

/** All sessions; if one cannot be made, the others are disposed. */
async function allOrNone(made: readonly Promise<Session>[]): Promise<Session[]> {
  const ends = await Promise.allSettled(made)
  const sessions = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []))
  const failed = ends.find((end) => end.status === 'rejected')
  if (!failed) return sessions
  await Promise.all(sessions.map((session) => session.dispose()))
  throw failed.reason
}

/** The same reply, after which its session is disposed. */
function disposing(session: Session, reply: Reply): Reply {
  const summary = reply.summary.finally(() => session.dispose())
  summary.catch(() => {}) // iterating or awaiting the summary gives the error
  return { summary, [Symbol.asyncIterator]: () => reply[Symbol.asyncIterator]() }
}

/** Nats a token; an empty reply is worse than any other. */
function meanLogprob({ tokens = [] }: ReplySummary): number {
  if (tokens.length === 0) return -Infinity
  return tokens.reduce((sum, { logprob = 0 }) => sum + logprob, 0) / tokens.length
}
