import { describe, expect, test } from 'vitest'
import type { Mark, Message, Model, Session } from '../../src/core/protocol.ts'
import { formatUser } from '../../src/text/prompt-format.ts'
import { idsInState, type StandIn, standInFormat, standInModel, textOfIds } from '../tools/stand-in-model.ts'

/** What a conversation reads like, by its transcript alone. */
function textOf(transcript: readonly Message[]): string {
  const parts = transcript.map(({ role, text }) => {
    if (role === 'user') return formatUser(standInFormat, text)
    return role === 'text' ? text : text + standInFormat.end
  })
  return standInFormat.opener + parts.join('')
}

/** What the state of `session` has seen, once all is fed that waits to be fed. */
async function textInState(session: Session): Promise<string> {
  const twin = await session.fork()
  await twin.append('!!') // the first of them is fed with all before it
  const text = textOfIds(idsInState(await twin.read()))
  await twin.dispose()
  expect(text.at(-1)).toBe('!')
  return text.slice(0, -1)
}

/** The law: the state of the session, and of each mark in front of a message, knows what the transcript says, no more. */
async function expectAgreement(session: Session): Promise<void> {
  const transcript = await session.transcript()
  expect(await textInState(session)).toBe(textOf(transcript))
  for (const [place, { before }] of transcript.entries()) {
    const branch = await session.branch(before)
    expect(await branch.transcript()).toEqual(transcript.slice(0, place))
    expect(await textInState(branch)).toBe(textOf(transcript.slice(0, place)))
    await branch.dispose()
  }
}

/** Call `then` at the `count`th call to the GPU from now. */
function atCall(standIn: StandIn, count: number, then: () => void): () => number {
  let calls = 0
  standIn.onCall = () => {
    if (calls++ === count) then()
  }
  return () => calls
}

describe('a reply that is stopped', () => {
  test('at whatever call to the GPU, is answered anew to its question, knowing all of it', async () => {
    let aborted = 0
    for (let at = 0, reached = true; reached; at++) {
      const standIn = standInModel()
      const session = await standIn.model.createSession()
      await session.prompt('How do you do?').summary
      const unstopped = await session.fork()
      const { ids } = await unstopped.prompt('What is a cat to a dog?').summary

      const stop = new AbortController()
      const calls = atCall(standIn, at, () => stop.abort())
      const { finishReason } = await session.prompt('What is a cat to a dog?', { signal: stop.signal }).summary
      reached = calls() > at
      if (finishReason === 'abort') aborted++
      const transcript = await session.transcript()
      expect(transcript.map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'assistant'])
      await expectAgreement(session)

      const restored = await standIn.model.restoreSession(await session.save())
      for (const one of [session, restored]) {
        await one.rewind((transcript[3] as Message).before)
        expect((await one.respond().summary).ids).toEqual(ids)
        await expectAgreement(one)
      }
    }
    expect(aborted).toBeGreaterThan(10)
  })
})

/** A conversation with marks of every kind, in which something waits to be answered. */
async function conversationOn({ model }: StandIn): Promise<{ session: Session; mark: Mark }> {
  const session = await model.createSession({ shared: false })
  await session.prompt('How do you do?').summary
  const mark = await session.mark()
  await session.append('Some text. ')
  await session.append('And who?', { role: 'user' })
  return { session, mark }
}

type Call = (session: Session, mark: Mark, model: Model) => Promise<unknown>

/** Every method of a session, so that it calls the GPU in all the ways it can. */
const calls: Readonly<Record<string, Call>> = {
  prompt: (session) => session.prompt('What is a cat to a dog?').summary,
  'prompt with draws on the CPU': (session) => session.prompt('What is it?', { sampling: { logprobs: 1 } }).summary,
  respond: (session) => session.respond().summary,
  'respond with a prefix': (session) => session.respond({ prefix: [98, 99] }).summary,
  'append of text': (session) => session.append('A text of its own.'),
  'append of a message': (session) => session.append('What is it?', { role: 'user' }),
  'append of a reply': (session) => session.append('It is a cat.', { role: 'assistant' }),
  beamSearch: (session) => session.beamSearch('What is it?', { width: 2, steps: 3 }),
  inspect: (session, since) => session.inspect({ since }),
  read: (session) => session.read(),
  transcript: (session) => session.transcript(),
  mark: (session) => session.mark(),
  rewind: (session, mark) => session.rewind(mark),
  branch: async (session, mark) => (await session.branch(mark)).dispose(),
  fork: async (session) => (await session.fork()).dispose(),
  save: (session) => session.save(),
  'model.restoreSession': async (session, _, model) => {
    const restored = await model.restoreSession(await session.save())
    await restored.dispose()
  },
}

describe('a call that fails changes nothing', () => {
  test.each(Object.entries(calls))('%s', async (_, make) => {
    let failed = 0
    // At each call to the GPU alone, and from each of them on until the method has failed.
    for (const isOver of [true, false]) {
      for (let at = 0, reached = true; reached; at++) {
        const standIn = standInModel()
        const { session, mark } = await conversationOn(standIn)
        const before = { saved: await session.save(), slots: standIn.slots() }
        let count = 0
        standIn.onCall = () => {
          if (isOver ? count++ === at : count++ >= at) throw new Error('injected')
        }
        const outcome = await make(session, mark, standIn.model).catch((error: unknown) => error)
        standIn.onCall = () => {}
        reached = count > at
        if (!(outcome instanceof Error)) continue // it had what it wanted
        failed++
        expect(outcome.message).toBe('injected')
        expect(await session.save(), `failed at call ${at}`).toEqual(before.saved)
        expect(standIn.slots()).toBe(before.slots)
      }
    }
    if (make !== calls.transcript) expect(failed).toBeGreaterThan(0)
  })

  test('an append that is aborted at whatever call', async () => {
    let aborted = 0
    for (let at = 0, reached = true; reached; at++) {
      const standIn = standInModel()
      const { session } = await conversationOn(standIn)
      const saved = await session.save()
      const stop = new AbortController()
      const count = atCall(standIn, at, () => stop.abort(new Error('enough')))
      const outcome = await session.append('A text of its own.', { signal: stop.signal }).catch((error) => error)
      reached = count() > at
      if (outcome === undefined) continue
      aborted++
      expect(outcome.message).toBe('enough')
      expect(await session.save()).toEqual(saved)
    }
    expect(aborted).toBeGreaterThan(3)
  })
})
