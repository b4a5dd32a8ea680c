import { describe, expect, test } from 'vitest'
import type { Message, PromptOptions, ReplySummary, Session } from '../../src/core/protocol.ts'
import { idsInState, standInModel, textOfIds } from '../tools/stand-in-model.ts'
import { modelThat } from '../tools/thinking-model.ts'

const sampling = { temperature: 0, presencePenalty: 0, frequencyPenalty: 0, maxTokens: 200 }

/** What the state of `session` has seen, once all is fed that waits to be fed. */
async function textInState(session: Session): Promise<string> {
  const twin = await session.fork()
  await twin.append('!!') // the first of them is fed with all before it
  const text = textOfIds(idsInState(await twin.read()))
  await twin.dispose()
  return text.slice(0, -1)
}

/** A reply, with its pieces in the order in which they came. */
async function ask(session: Session, text: string, options: PromptOptions = {}) {
  const heard: string[] = []
  const reply = session.prompt(text, { sampling, onThoughts: (piece) => heard.push(`(${piece})`), ...options })
  for await (const piece of reply) heard.push(piece)
  return { heard, ...(await reply.summary) }
}

const spoken = '>\nWell,\n\nhm.\n</think>\n\nIt is.\n\nSo.\n\n'
const apart = { text: 'It is.\n\nSo.', thoughts: { text: 'Well,\n\nhm.', tokens: 19 } }

describe('without thoughts, which is the default', () => {
  test('a reply is opened for the model, and the conversation goes on from its answer', async () => {
    const { model, contexts } = modelThat('>\nHello\n\nthere.\n\nUser: and so on')
    const session = await model.createSession({ system: 'Be\r\n\r\nkind.' })
    const { text, thoughts, finishReason, heard } = await ask(session, 'Hi.\n\n\nYou? ')
    expect({ text, thoughts, finishReason }).toEqual({
      text: 'Hello\n\nthere.',
      thoughts: undefined,
      finishReason: 'stop',
    })
    expect(heard.join('')).toBe(text)
    const before = 'System: Be\nkind.\n\nUser: Hi.\nYou?\n\nAssistant:'
    expect([...contexts]).toEqual([`${before} <think></think`])
    expect(await textInState(session)).toBe(`${before} Hello\n\nthere.\n\n`)
  })

  test('a reply that does not close the tag is an answer all the same', async () => {
    const session = await modelThat(' Hello.').model.createSession()
    expect(await ask(session, 'Hi.')).toMatchObject({ text: 'Hello.', finishReason: 'stop' })
    expect(await textInState(session)).toBe('User: Hi.\n\nAssistant: Hello.\n\n')
  })

  test('a reply that was begun for the model is not opened again', async () => {
    const { model, contexts } = modelThat(' Yes, I am.')
    const session = await model.createSession({ sampling })
    await session.append('User: Well?\n\nAssistant: Yes,')
    expect((await session.respond().summary).text).toBe(' I am.')
    expect([...contexts]).toEqual(['User: Well?\n\nAssistant:'])
  })
})

describe('with thoughts', () => {
  test.each([
    [true, 'Why? (think)'],
    ['a bit', 'Why? (think a bit)'],
    ['a lot', 'Why? (think a lot)'],
  ] as const)('%s: they are asked for behind the message, and kept apart', async (think, message) => {
    const { model, contexts } = modelThat(spoken)
    const session = await model.createSession({ sampling })
    const { heard, ids, ...summary } = await ask(session, ' Why? ', { think })
    expect(summary).toMatchObject({ ...apart, finishReason: 'stop' })
    expect([...contexts]).toEqual([`User: ${message}\n\nAssistant: <think`])
    const firstWord = heard.findIndex((piece) => !piece.startsWith('('))
    expect(heard.slice(0, firstWord).join('').replaceAll(/[()]/g, '')).toBe(apart.thoughts.text)
    expect(heard.slice(firstWord).join('')).toBe(apart.text)
    const [asked, replied] = await session.transcript()
    expect(asked).toMatchObject({ role: 'user', text: ' Why? ' })
    expect(replied).toMatchObject({ role: 'assistant', ...apart, ids })
    expect(await textInState(session)).toBe(`User: ${message}\n\nAssistant: It is.\n\nSo.\n\n`)
  })

  test('are left where the session keeps them', async () => {
    const { model } = modelThat(spoken)
    const session = await model.createSession({ sampling, think: true, keepThoughts: true })
    expect(await ask(session, 'Why?')).toMatchObject(apart)
    const kept = `User: Why? (think)\n\nAssistant: <think${spoken.trimEnd()}\n\n`
    expect(await textInState(session)).toBe(kept)
    const restored = await model.restoreSession(await session.save())
    expect(await restored.transcript()).toEqual(await session.transcript())
    await ask(restored, 'So?')
    expect(await textInState(restored)).toBe(kept + kept.replace('Why', 'So'))
  })

  test.each<[string, string, number, string]>([
    ['by its length', '>Hm, well', 4, 'Hm,'],
    ['by the end of the text', '>Hm', 200, 'Hm'],
    ['by a stop text', '>Hm\nUser: me', 200, 'Hm'],
  ])('a reply that is stopped within them %s has an empty answer', async (_, reply, maxTokens, text) => {
    const session = await modelThat(reply).model.createSession({ think: true })
    const summary = await ask(session, 'Why?', { sampling: { ...sampling, maxTokens } })
    expect(summary).toMatchObject({ text: '', finishReason: 'length', thoughts: { text } })
    expect(await textInState(session)).toBe('User: Why? (think)\n\nAssistant:\n\n')
  })

  test('a reply that was cut anywhere goes on to what it would have been', async () => {
    const whole = await ask(await modelThat(spoken).model.createSession({ think: true }), 'Why?')
    for (let maxTokens = 1; maxTokens < whole.ids.length; maxTokens += 3) {
      const session = await modelThat(spoken).model.createSession({ think: true })
      const { ids } = await ask(session, 'Why?', { sampling: { ...sampling, maxTokens } })
      const cut = (await session.transcript()).at(-1) as Message
      expect(cut.ids).toEqual(ids)
      await session.rewind(cut.before)
      const { text, thoughts, finishReason, ids: all } = await session.respond({ sampling, prefix: cut.ids }).summary
      expect({ text, thoughts, finishReason, ids: all }, `cut at ${maxTokens}`).toEqual({
        text: whole.text,
        thoughts: whole.thoughts,
        finishReason: whole.finishReason,
        ids: whole.ids,
      })
    }
  })

  test('a reply that is stopped at whatever call to the GPU leaves its answer so far, and no thoughts', async () => {
    let aborted = 0
    for (let at = 0, reached = true; reached; at += 2) {
      const standIn = modelThat(spoken)
      const session = await standIn.model.createSession({ think: true })
      const stop = new AbortController()
      let calls = 0
      standIn.onCall = () => void (calls++ === at && stop.abort())
      const { text, finishReason } = await session.prompt('Why?', { sampling, signal: stop.signal }).summary
      reached = calls > at
      if (finishReason === 'abort') aborted++
      expect(apart.text.startsWith(text)).toBe(true)
      const answer = text === '' ? '' : ` ${text}`
      const inState = (await textInState(session)).replace(/ (?=\n\n$)/, '') // what was said, to the last space
      expect(inState).toBe(`User: Why? (think)\n\nAssistant:${answer}\n\n`)
    }
    expect(aborted).toBeGreaterThan(10)
  })

  test('tokens say whether they are thoughts; those that do not are the answer', async () => {
    const told: string[] = []
    const session = await modelThat(spoken).model.createSession({ think: true })
    const { thoughts } = await ask(session, 'Why?', {
      onToken: ({ text, isThought }) => void (isThought || told.push(text)),
    })
    expect(told.join('').trim()).toBe(apart.text)
    expect(thoughts?.tokens).toBe(apart.thoughts.tokens)
  })

  test('a format holds from the answer on, whatever the model would say', async () => {
    const format = { type: 'regex', pattern: ' \\{[ab]+\\} ' } as const
    const cases: readonly [boolean, string, ReplySummary['thoughts']][] = [
      [true, '>Hm {x}</think>{cc', { text: 'Hm {x}', tokens: 15 }], // `>{` is one token
      [false, '>{cc', undefined],
    ]
    for (const [think, reply, thoughts] of cases) {
      const session = await modelThat(reply).model.createSession()
      const summary = await ask(session, 'Why?', { think, sampling: { ...sampling, maxTokens: 40, format } })
      expect(summary.text).toMatch(/^ \{[ab]+\} $/)
      expect(summary.thoughts).toEqual(thoughts)
      expect(summary.finishReason).toBe('stop')
      expect(await textInState(session)).toMatch(/Assistant: \{[ab]+\} \n\n$/)
    }
  })

  test('what one session answered, another finds by its words, with the same state', async () => {
    const { model } = modelThat(spoken)
    const first = await model.createSession({ think: true })
    await ask(first, 'Why?')
    const second = await model.createSession({ think: true })
    await second.append('Why?', { role: 'user', think: true })
    await second.append(apart.text, { role: 'assistant' })
    const { reusedTokens, contextTokens } = await ask(second, 'So?')
    expect(await textInState(second)).toBe((await textInState(first)) + (await textInState(first)).replace('Why', 'So'))
    expect(contextTokens - reusedTokens).toBeLessThan('?User: So? (think)\n\nAssistant:'.length + 5)
  })

  test('a model that was not taught to is not asked to, and says so', async () => {
    const { model } = standInModel()
    const refused = { code: 'option/invalid', message: expect.stringMatching(/stand-in was not taught to think/) }
    await expect(model.createSession({ think: true })).rejects.toMatchObject(refused)
    const session = await model.createSession({ think: false })
    await expect(session.prompt('Hi', { think: 'a lot' }).summary).rejects.toMatchObject(refused)
    await expect(session.append('Hi', { role: 'user', think: true })).rejects.toMatchObject(refused)
    expect((await session.prompt('Hi', { think: false }).summary).text).not.toBe('')
  })
})
