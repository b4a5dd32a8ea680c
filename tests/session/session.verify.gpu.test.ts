import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Mark, Model, Session } from '../../src/engine.ts'
import { createByteSource } from '../../src/file/byte-source.ts'
import { openSafetensors } from '../../src/file/safetensors.ts'
import { expectClose } from '../tools/closeness.ts'
import { expectSame, goldenModel, storyteller, testedDevice, withEngine } from '../tools/engine.ts'
import { withTiny } from '../tools/tiny-model.ts'

const greedy = { temperature: 0, presencePenalty: 0, frequencyPenalty: 0, maxTokens: 8 }

/** Run `work` with the built-in model. */
const withModel = (work: (model: Model) => Promise<void>) =>
  withEngine(async (engine) => {
    const model = await engine.loadModel(storyteller)
    await work(model)
    await model.dispose()
    expect((await model.counters()).gpuByteLength).toBe(0)
  })

/** What the session would say next; the session stays as it is. */
async function nextOf(session: Session, message = 'And then?'): Promise<readonly number[]> {
  const twin = await session.fork()
  const { ids } = await twin.prompt(message).summary
  await twin.dispose()
  return ids
}

/** The bytes of a session's state. */
async function stateOf(session: Session): Promise<Uint8Array> {
  const file = await openSafetensors(createByteSource('session', await session.save({ marks: 0 })))
  const tensor = file.tensors.get('state')
  if (!tensor) throw new Error('no state in the file')
  return file.read(tensor, 0, tensor.byteLength)
}

const floatsOf = (bytes: Uint8Array) => new Float32Array(bytes.slice().buffer)

const textsOf = async (session: Session) => (await session.transcript()).map(({ role, text }) => `${role}: ${text}`)

describe('save and restore', () => {
  test('is exact to the bit, keeps transcript and marks, and goes on with the same words', () =>
    withModel(async (model) => {
      const session = await model.createSession({ sampling: { ...greedy, temperature: 1, seed: 5 } })
      await session.prompt('Tell me a story about a cat.').summary
      const mark = await session.mark()
      await session.prompt('Tell me more.').summary
      const bytes = await session.save()
      const restored = await model.restoreSession(bytes)
      expect(await restored.transcript()).toEqual(await session.transcript())
      expect(await stateOf(restored)).toEqual(await stateOf(session))
      expect(await nextOf(restored)).toEqual(await nextOf(session))
      expect(await restored.save()).toEqual(bytes)
      for (const one of [session, restored]) await one.rewind(mark)
      expect(await stateOf(restored)).toEqual(await stateOf(session))
      expect((await restored.mark()).id).not.toBe(mark.id)
    }))

  test('a fresh session can be saved, with all that is still to be fed', () =>
    withModel(async (model) => {
      const session = await model.createSession({ system: 'You like cats.', sampling: greedy })
      const restored = await model.restoreSession(await session.save())
      expect(await nextOf(restored)).toEqual(await nextOf(session))
    }))

  test('only the latest marks are saved if so many are asked for', () =>
    withModel(async (model) => {
      const session = await model.createSession({ sampling: greedy })
      const first = await session.mark()
      await session.append('Once upon a time.')
      const last = await session.mark()
      const bytes = await session.save({ marks: 1 })
      // Two marks are where it began, two where it is now: that is two states, of which one is saved.
      expect((await session.save()).length - bytes.length).toBeGreaterThan(model.info.stateByteLength)
      const restored = await model.restoreSession(bytes)
      await restored.rewind(last)
      await expect(restored.rewind(first)).rejects.toMatchObject({ code: 'session/unknown-mark' })
    }))

  test('of version 1 goes on with the same words, at each of its marks', () =>
    withTiny(async (model) => {
      const bytes = readFileSync(new URL('../golden/sessions/tiny.v1.safetensors', import.meta.url))
      const session = await model.restoreSession(bytes)
      const transcript = await session.transcript()
      expect(transcript.map(({ role }) => role)).toEqual(['user', 'assistant', 'text', 'user', 'assistant'])
      for (const [place, { role, ids, before }] of [...transcript.entries()].reverse()) {
        await session.rewind(before)
        expect(await session.transcript()).toEqual(transcript.slice(0, place))
        if (role === 'assistant') expect((await session.respond().summary).ids).toEqual(ids)
      }
      await session.dispose()
    }))

  test('refuses the state of another model, damaged bytes, and what is no session, each with a sentence', () =>
    withEngine(async (engine) => {
      const model = await engine.loadModel(storyteller)
      const session = await model.createSession({ sampling: greedy })
      const bytes = await session.save()
      const text = new TextDecoder('latin1').decode(bytes)
      const edited = (from: string, to: string) => Uint8Array.from(text.replace(from, to), (c) => c.charCodeAt(0))
      const before = (await model.counters()).gpuByteLength
      for (const [broken, sentence] of [
        [edited(model.info.fingerprint, 'f'.repeat(64)), /belong to the model storyteller/],
        [bytes.subarray(0, bytes.length - 4), /not a session.*session\.save/s],
        [edited('"version":"2"', '"version":"9"'), /version 9, this rwkv\.js reads versions 1 and 2/],
        [edited('rwkv.js session', 'rwkv.js sessiom'), /not of a session/],
        [edited('"replies":0', '"replies":1'), /damaged: their checksum/],
        [new Uint8Array(100), /not a session/],
        [new Uint8Array(0), /not a session/],
      ] as const) {
        await expect(model.restoreSession(broken), String(sentence)).rejects.toMatchObject({
          code: 'session/saved',
          message: expect.stringMatching(sentence),
        })
      }
      expect((await model.counters()).gpuByteLength).toBe(before)
      const other = await engine.loadModel(goldenModel('plain64.f32.safetensors'))
      expect(other.info.fingerprint).not.toBe(model.info.fingerprint)
      for (const one of [model, other]) await one.dispose()
    }))
})

describe('marks', () => {
  test('rewinding to any of 100 marks, in any order, is exact to the bit, and equals a fresh run to that point', () =>
    withTiny(async (model) => {
      const run = async () => {
        const session = await model.createSession({ shared: false })
        const moments: { mark: Mark; state: Uint8Array }[] = []
        for (let i = 0; i < 100; i++) {
          await session.append(`n${i} cat`)
          moments.push({ mark: await session.mark(), state: await stateOf(session) })
        }
        return { session, moments }
      }
      const { session, moments } = await run()
      const fresh = await run()
      const texts = await textsOf(session)
      for (let i = 0; i < 100; i++) {
        const place = (i * 37) % 100 // each once, to and fro
        await session.rewind(moments[place].mark)
        const state = await stateOf(session)
        expect(state, `mark ${place}`).toEqual(moments[place].state)
        expectClose(floatsOf(state), floatsOf(fresh.moments[place].state), { atol: 1e-4, rtol: 1e-4 })
        expect(await textsOf(session)).toEqual(texts.slice(0, place + 1))
      }
      for (const one of [session, fresh.session]) await one.dispose()
    }))

  test('a rewind across 5,000 tokens takes less than two decode steps: no dispatch and one submit, whatever was said since', () =>
    withTiny(async (model) => {
      const session = await model.createSession({ shared: false })
      await session.append('So it began.')
      const mark = await session.mark()
      const state = await stateOf(session)
      const start = await model.counters()
      await session.append('.'.repeat(5000))
      const before = await model.counters()
      expect(before.tokens - start.tokens).toBe(5000)
      await session.rewind(mark)
      expect(await model.counters()).toEqual({
        ...before,
        submits: before.submits + (testedDevice === 'webgpu' ? 1 : 0),
      })
      expect(await stateOf(session)).toEqual(state)
      await session.dispose()
    }))

  test('a conversation can be written in another format than the model has, and stays so', () =>
    withModel(async (model) => {
      const promptFormat = { user: 'Q: {text}\n', assistant: 'A:', end: '\n', stop: ['\n'], opener: 'Hi.\n' }
      const session = await model.createSession({ promptFormat, sampling: { ...greedy, maxTokens: 3 } })
      const { promptTokens } = await session.prompt('Who are you?').summary
      const ids = await model.encode('Q: Who are you?\nA:')
      expect(promptTokens).toBe(1 + (await model.encode('Hi.\n')).length + ids.length)
      const bytes = await session.save()
      for (const one of [session, await session.fork(), await model.restoreSession(bytes)]) {
        await one.prompt('Who are you?').summary
        expect((await one.transcript()).at(-2)?.ids).toEqual(ids)
      }
      const wrong = { ...promptFormat, user: 'nobody' }
      await expect(model.createSession({ promptFormat: wrong })).rejects.toMatchObject({ code: 'option/invalid' })
    }))

  test('a reply that was cut goes on as if it had not been, and is one message', () =>
    withModel(async (model) => {
      const sampling = { temperature: 0.9, seed: 7, maxTokens: 12 }
      const session = await model.createSession()
      const whole = await session.prompt('Tell me a story about a cat.', { sampling }).summary
      const state = await stateOf(session)
      const [, { before }] = await session.transcript()
      await session.rewind(before)
      const cut = await session.respond({ sampling: { ...sampling, maxTokens: 5 } }).summary
      expect(cut).toMatchObject({ finishReason: 'length', ids: whole.ids.slice(0, 5) })

      const [, { before: again }] = await session.transcript()
      await session.rewind(again)
      const rest = { sampling: { ...sampling, maxTokens: 7 }, prefix: cut.ids }
      const { text, ids, promptTokens } = await session.respond(rest).summary
      expect({ text, ids, promptTokens }).toEqual({ text: whole.text, ids: whole.ids, promptTokens: 1 + 5 })
      expectSame(floatsOf(await stateOf(session)), floatsOf(state))
      expect((await session.transcript()).map(({ role }) => role)).toEqual(['user', 'assistant'])
      const [, said] = await session.transcript()
      await session.rewind(said.before)
      expect((await session.respond({ sampling }).summary).ids).toEqual(whole.ids) // its mark is that before all of it
      await expect(session.respond({ prefix: [-1] }).summary).rejects.toMatchObject({ code: 'text/unknown-id' })
    }))

  test('edit and resend feeds only new ids: an edited message its own, a reply made anew one', () =>
    withModel(async (model) => {
      const session = await model.createSession({ sampling: greedy })
      await session.prompt('Hello!').summary
      const first = await session.prompt('Tell me a story about a cat.').summary
      const [, , asked, answered] = await session.transcript()

      await session.rewind(answered.before)
      const again = await session.respond().summary
      expect(again.promptTokens).toBe(1)
      expect(again.ids).toEqual(first.ids)
      expect((await session.transcript()).length).toBe(4)

      await session.rewind(asked.before)
      const before = (await model.counters()).tokens
      const edited = await session.prompt('Tell me a story about a dog.').summary
      const ids = await model.encode('User: Tell me a story about a dog.\n\nAssistant:')
      const end = await model.encode('\n\n')
      expect(edited.promptTokens).toBe(ids.length)
      // The new message, the reply as it was drawn, and the end of the turn: nothing that was said before.
      expect((await model.counters()).tokens - before).toBe(ids.length + edited.ids.length + end.length)
      expect((await textsOf(session))[2]).toBe('user: Tell me a story about a dog.')
    }))

  test('a branch begins at its mark, and a fork where the session is; neither sees its siblings', () =>
    withModel(async (model) => {
      const session = await model.createSession({ sampling: greedy })
      await session.prompt('Hello!').summary
      const mark = await session.mark()
      const expected = await nextOf(session)
      const fork = await session.fork()
      await session.prompt('Tell me a story about a dog.').summary
      const branch = await session.branch(mark)
      await fork.append('Something else entirely.')
      expect(await nextOf(branch)).toEqual(expected)
      await branch.append('And this.')
      await session.rewind(mark)
      expect(await nextOf(session)).toEqual(expected)
      await session.dispose()
      await branch.rewind(mark) // its own hold on the mark
      expect(await nextOf(branch)).toEqual(expected)
    }))

  test('marks of messages that were taken back are forgotten, marks that were made stay', () =>
    withModel(async (model) => {
      const session = await model.createSession({ sampling: { ...greedy, maxTokens: 2 } })
      const start = await session.mark()
      await session.prompt('Hello!').summary
      const end = await session.mark()
      const [, { before }] = await session.transcript()
      await session.rewind(start)
      await expect(session.rewind(before)).rejects.toMatchObject({ code: 'session/unknown-mark' })
      await session.rewind(end)
      expect((await session.transcript()).length).toBe(2)
      await session.rewind(start)
      await session.rewind(start)
      expect(await session.transcript()).toEqual([])
    }))

  test('beyond their budget of GPU memory they lie in memory, as exact as before', () =>
    withEngine(async (engine) => {
      const model = await engine.loadModel(storyteller)
      const session = await model.createSession({ sampling: { ...greedy, maxTokens: 1 } })
      const most = Math.floor((16 * 1024 * 1024) / model.info.stateByteLength)
      const first = await session.mark()
      await session.append('Once upon a time.')
      const second = await session.mark()
      const saved = await stateOf(session)
      for (let i = 0; i < most + 5; i++) await session.mark()
      const { bytesReadBack } = await model.counters()
      if (testedDevice === 'webgpu') expect(bytesReadBack).toBeGreaterThan(5 * model.info.stateByteLength)
      await session.rewind(first)
      expect(await session.transcript()).toEqual([])
      await session.rewind(second)
      expect(await stateOf(session)).toEqual(saved)
      await model.dispose()
    }))
})

describe('respond and append', () => {
  test('respond goes on with what was appended; after a reply there is nothing to respond to', () =>
    withModel(async (model) => {
      const bare = await model.createSession({ sampling: greedy })
      await bare.append('User: Tell me a story about a cat.\n\nAssistant:')
      const { ids } = await bare.respond().summary
      const asked = await model.createSession({ sampling: greedy, shared: false })
      expect((await asked.prompt('Tell me a story about a cat.').summary).ids).toEqual(ids)
      await expect(asked.respond().summary).rejects.toMatchObject({ code: 'session/nothing-to-answer' })
      expect((await asked.transcript()).length).toBe(2)
    }))

  test('messages appended by their roles are a conversation as if it had been held', () =>
    withModel(async (model) => {
      const held = await model.createSession({ sampling: greedy })
      const { text } = await held.prompt('What is the capital of France?').summary
      const told = await model.createSession({ sampling: greedy })
      await told.append('What is the capital of France?', { role: 'user' })
      await told.append(text, { role: 'assistant' })
      expect(await textsOf(told)).toEqual(await textsOf(held))
      expect(await nextOf(told)).toEqual(await nextOf(held))
    }))

  test('what is no text, or of no known role, is refused and leaves nothing', () =>
    withModel(async (model) => {
      const session = await model.createSession({ sampling: greedy })
      const invalid = { code: 'option/invalid' }
      for (const text of [undefined, null, 5, {}] as unknown as string[]) {
        await expect(session.append(text)).rejects.toMatchObject(invalid)
        await expect(session.prompt(text).summary).rejects.toMatchObject(invalid)
      }
      await expect(session.append('Be kind.', { role: 'system' as 'text' })).rejects.toMatchObject(invalid)
      expect(await session.transcript()).toEqual([])
      await model.restoreSession(await session.save())
    }))

  test('an append that is aborted leaves the session as it was', () =>
    withModel(async (model) => {
      const text = 'Once upon a time there was a cat. '.repeat(5)
      const session = await model.createSession({ sampling: greedy })
      const bytes = await session.save()
      const stop = new AbortController()
      const reading = session.append(text, { signal: stop.signal })
      stop.abort()
      await expect(reading).rejects.toMatchObject({ name: 'AbortError' })
      expect(await session.save()).toEqual(bytes)
    }))
})

test('1,000 sessions created and disposed leave zero bytes', () =>
  withModel(async (model) => {
    const warm = await model.createSession()
    await warm.dispose()
    const before = (await model.counters()).gpuByteLength
    for (let i = 0; i < 1000; i++) {
      const session = await model.createSession()
      await session.mark()
      await session.dispose()
    }
    expect((await model.counters()).gpuByteLength).toBe(before)
  }))
