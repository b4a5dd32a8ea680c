/**
 * @file From a saved session to one that goes on. A state that was not saved, since the GPU had gone, is that of the ids it
 * has seen: they are read again, from the nearest state before it.
 */

import type { Session } from '../core/protocol.ts'
import { idsSince, nothingSeen, type Seen } from './conversation.ts'
import type { KeptState } from './kept-states.ts'
import type { SavedSession } from './saved-checks.ts'
import { createSession, type SessionParts } from './session.ts'

/** The session, in a slot of its own. The caller disposes it. */
export async function restoreSession(parts: SessionParts, saved: SavedSession): Promise<Session> {
  const { conversation, marks, sampling, isPlain, think, keepsThoughts } = saved
  const kept = new Map<Seen, KeptState>()
  const stateOf = ({ seen }: { readonly seen: Seen }) => (kept.get(seen) as KeptState).share()
  try {
    await restoreStates(parts, saved, kept)
    return await createSession(parts, {
      conversation,
      sampling,
      isShared: true,
      isPlain,
      think,
      keepsThoughts,
      state: stateOf(conversation),
      marks: new Map(marks.map(({ id, ...mark }) => [id, { ...mark, state: stateOf(mark.conversation) }])),
    })
  } finally {
    for (const state of kept.values()) state.release()
  }
}

/** Put the states of all moments into `kept`. */
async function restoreStates(
  { pool, feeder, keptStates }: SessionParts,
  { conversation, marks, states }: SavedSession,
  kept: Map<Seen, KeptState>,
): Promise<void> {
  for (const [seen, rows] of states) kept.set(seen, await keptStates.hold(rows))
  const missing = [conversation, ...marks.map((mark) => mark.conversation)]
    .map(({ seen }) => seen)
    .filter((seen) => !kept.has(seen))
    .sort((a, b) => a.length - b.length) // so that one is read from another
  if (missing.length === 0) return
  const slot = await pool.allocate()
  try {
    for (const seen of missing) {
      if (kept.has(seen)) continue // two moments at one place
      let known: Seen = seen
      while (known.before && !kept.has(known)) known = known.before
      const ids = idsSince(seen, known)
      if (known === nothingSeen)
        pool.reset(slot) // another beginning has its state among those kept
      else kept.get(known)?.restore(slot)
      if (ids.length > 0) await feeder.feed([{ slot, ids }])
      kept.set(seen, await keptStates.keep(slot))
    }
  } finally {
    pool.release(slot)
  }
}
