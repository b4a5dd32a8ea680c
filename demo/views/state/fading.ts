/**
 * @file What each message of a conversation left in the state, now and at each later moment. A mark stands before each
 * message, and the state at a mark can be looked at through a branch; so all of it is counted from what the session
 * keeps, without feeding anything.
 */

import { type Inspection, isRwkvError, type Message, type Session } from '../../../src/index.ts'

/** A message, and where the conversation was when it had been said. */
interface Said {
  readonly message: Message
  /** The mark behind it; undefined for the last message. */
  readonly after: Message['before'] | undefined
}

/** What one message left. */
export interface Left {
  readonly message: Message
  /** By layer, 0 to 1: the share of the sums that came with it, the mean over channels. */
  readonly shares: readonly number[]
}

/** The share of one message at one moment. */
export interface Moment {
  /** Ids that the state had seen by then. */
  readonly tokens: number
  readonly shares: readonly number[]
}

/** What each of the latest messages left in the state as it is now; those whose mark is gone are left out. */
export async function whatIsLeft(session: Session, most: number): Promise<Left[]> {
  const said = saidIn(await session.transcript()).slice(-most)
  const left: Left[] = []
  let older: readonly number[] | undefined // recent since the message after, when walking back
  for (const { message } of said.toReversed()) {
    const recent = await recentSince(session, message.before)
    if (!recent) break
    left.unshift({ message, shares: recent.map((share, layer) => Math.max(0, share - (older?.[layer] ?? 0))) })
    older = recent
  }
  return left
}

/** The shares of one message when it had been said, and after each message since. */
export async function followMessage(session: Session, message: Message): Promise<Moment[]> {
  const said = saidIn(await session.transcript())
  const first = said.findIndex((one) => one.message.before.id === message.before.id)
  if (first < 0) return []
  const end = said[first]?.after
  const moments: Moment[] = []
  for (const { message: last, after } of said.slice(first)) {
    const then = after ? await session.branch(after) : session
    try {
      const since = await recentSince(then, message.before)
      const later = end && after?.id !== end.id ? await recentSince(then, end) : undefined
      if (!since) return moments
      const tokens = after?.tokens ?? last.before.tokens + last.ids.length
      moments.push({ tokens, shares: since.map((share, layer) => Math.max(0, share - (later?.[layer] ?? 0))) })
    } finally {
      if (then !== session) await then.dispose()
    }
  }
  return moments
}

function saidIn(transcript: readonly Message[]): Said[] {
  return transcript.map((message, i) => ({ message, after: transcript[i + 1]?.before }))
}

/** By layer; undefined where the mark is not kept any more, or what was said at it has been taken back. */
async function recentSince(session: Session, since: Message['before']): Promise<readonly number[] | undefined> {
  try {
    return meansOf(await session.inspect({ since }))
  } catch (error) {
    if (isRwkvError(error, 'session/unknown-mark') || isRwkvError(error, 'option/invalid')) return undefined
    throw error
  }
}

function meansOf({ layers }: Inspection): number[] {
  return layers.map(({ recentShare }) => {
    const shares = recentShare ?? new Float32Array(1)
    return shares.reduce((sum, share) => sum + share, 0) / shares.length
  })
}
