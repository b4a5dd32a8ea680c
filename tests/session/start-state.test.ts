import { describe, expect, test } from 'vitest'
import type { Session } from '../../src/core/protocol.ts'
import { idsInState, standInModel, standInTokenizer, stateAfter } from '../tools/stand-in-model.ts'

const START = standInTokenizer.encode('tuned')
const initialState = stateAfter(START).buffer
const DOCUMENT = 'a document that others may have read'

/** All ids that the state of `session` has seen. */
const seenBy = async (session: Session) => idsInState(await session.read())

describe('a conversation with a start state', () => {
  test('begins with it, and so does what is rewound, forked and asked anew', async () => {
    const { model, slots } = standInModel()
    const session = await model.createSession({ initialState })
    expect(await seenBy(session)).toEqual(START)
    await session.prompt('Hello!').summary
    const seen = await seenBy(session)
    const plain = await model.createSession()
    await plain.prompt('Hello!').summary
    expect(seen.slice(0, START.length)).toEqual(START)
    expect(await seenBy(plain)).not.toEqual(seen)
    const fork = await session.fork()
    expect(await seenBy(fork)).toEqual(seen)
    const [asked] = await session.transcript()
    await session.rewind(asked.before)
    expect(await seenBy(session)).toEqual(START)
    for (const one of [session, plain, fork]) await one.dispose()
    const used = slots()
    const again = await model.createSession({ initialState })
    await again.dispose()
    expect(slots()).toBe(used)
  })

  test('shares what it reads with those of the same start state, and with no others', async () => {
    const { model } = standInModel()
    const hitsOf = async (options: object) => {
      const session = await model.createSession(options)
      const before = (await model.counters()).prefixHits
      await session.append(DOCUMENT)
      const seen = await seenBy(session)
      await session.dispose()
      return [(await model.counters()).prefixHits - before, seen.slice(0, START.length)]
    }
    const other = stateAfter(standInTokenizer.encode('other')).buffer
    expect(await hitsOf({ initialState })).toEqual([0, START])
    expect((await hitsOf({}))[0]).toBe(0)
    expect((await hitsOf({ initialState: other }))[0]).toBe(0)
    expect(await hitsOf({ initialState: initialState.slice() })).toEqual([1, START])
  })

  test.each([0, 2])('goes on from what was saved after %i messages, also where the GPU has gone', async (messages) => {
    const standIn = standInModel()
    const session = await standIn.model.createSession({ initialState })
    for (let i = 0; i < messages; i++) await session.prompt(`Hello ${i}`).summary
    const expected = await seenBy(session)
    const saves = [await session.save(), await session.saveParts()]
    standIn.lose()
    saves.push(await session.save(), await session.saveParts())
    for (const saved of saves) {
      const { model } = standInModel()
      const restored = await model.restoreSession(saved)
      expect(await seenBy(restored)).toEqual(expected)
      expect(expected.slice(0, START.length)).toEqual(START)
      const twice = await standInModel().model.restoreSession(await restored.save())
      expect(await seenBy(twice)).toEqual(expected)
      const [first] = await twice.transcript()
      if (first) await twice.rewind(first.before)
      expect(await seenBy(twice)).toEqual(START)
    }
  })
})
