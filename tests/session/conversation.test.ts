import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Conversation,
  continues,
  hashAfter,
  idsSince,
  markOf,
  messagesOf,
  nothingSeen,
  withMessage,
  withSeen,
} from '../../src/session/conversation.ts'

const empty: Conversation = { said: undefined, pending: [], seen: nothingSeen, reused: 0, replies: 0 }
const mark = { id: 0, tokens: 0, messages: 0 }
const message = (text: string, ids: readonly number[]) => ({ role: 'text' as const, text, ids, before: mark })

/** A message of so many ids, or the state sees so many of those that are pending; then perhaps a branch from an earlier moment. */
const step = fc.oneof(fc.record({ say: fc.nat(4) }), fc.record({ see: fc.nat(5) }), fc.record({ back: fc.nat(20) }))

/** All moments of a history, each with the one it goes on from. */
function play(steps: readonly ({ say: number } | { see: number } | { back: number })[]) {
  const moments = [{ now: empty, before: -1 }]
  let at = 0
  let count = 0
  for (const one of steps) {
    const { now } = moments[at] as (typeof moments)[number]
    if ('back' in one) {
      at = one.back % moments.length
      continue
    }
    const ids = 'say' in one ? Array.from({ length: one.say }, () => ++count) : []
    const next = 'say' in one ? withMessage(now, message(`${count}`, ids), ids) : withSeen(now, one.see)
    at = moments.push({ now: next, before: at }) - 1
  }
  return moments
}

test('a moment goes on from those it was made of, and from no other that said or saw something else', () => {
  let [yes, no] = [0, 0]
  const law = fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
    const moments = play(steps)
    for (const [place, { now }] of moments.entries()) {
      const isBefore = continues(now)
      const line = new Set<number>()
      for (let at = place; at >= 0; at = moments[at]?.before ?? -1) line.add(at)
      for (const [other, { now: earlier }] of moments.entries()) {
        if (line.has(other)) {
          expect(isBefore(earlier)).toBe(true)
          yes++
        } else if (isBefore(earlier)) {
          // Of another line only what is the same: nothing said beyond it, and nothing more seen.
          expect(messagesOf(now).slice(0, messagesOf(earlier).length)).toEqual(messagesOf(earlier))
          expect(earlier.seen.length).toBeLessThanOrEqual(now.seen.length)
        } else no++
      }
    }
  })
  fc.assert(law, { numRuns: 300 })
  expect(Math.min(yes, no)).toBeGreaterThan(100)
})

test('what had seen more is not gone on from, though no more was said', () => {
  const said = withMessage(empty, message('a', [1, 2, 3]), [1, 2, 3])
  const [some, more] = [withSeen(said, 1), withSeen(said, 3)]
  expect([continues(some)(more), continues(more)(some), continues(some)(said)]).toEqual([false, true, true])
})

test('messages, ids and their hash are all that was said and seen, in order, wherever it branched', () => {
  const law = fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
    const moments = play(steps)
    for (const [place, { now }] of moments.entries()) {
      const line: Conversation[] = []
      for (let at = place; at >= 0; at = moments[at]?.before ?? -1)
        line.unshift((moments[at] as (typeof moments)[0]).now)
      const ids = messagesOf(now).flatMap((one) => one.ids)
      const seen = idsSince(now.seen)
      expect([...seen, ...now.pending]).toEqual(ids)
      expect(now.seen.length).toBe(seen.length)
      expect(now.seen.hash).toBe(seen.reduce(hashAfter, 0))
      expect(markOf(7, now)).toEqual({ id: 7, tokens: seen.length, messages: messagesOf(now).length })
      for (const earlier of line) expect(idsSince(now.seen, earlier.seen)).toEqual(seen.slice(earlier.seen.length))
    }
  })
  fc.assert(law, { numRuns: 300 })
})
