import { describe, expect, test } from 'vitest'
import { createLanguageModel, type PromptMessage } from '../../src/client/prompt-api.ts'
import { defaultSampling, resolveSampling } from '../../src/sample/options.ts'
import { scriptedModel } from '../tools/scripted-model.ts'
import { modelThat } from '../tools/thinking-model.ts'

/** A session over a model that says `says`. */
async function sessionOf(says: string, options: Parameters<ReturnType<typeof createLanguageModel>['create']>[0] = {}) {
  const { model, ...seen } = scriptedModel({ answer: () => says })
  return { session: await createLanguageModel(model).create(options), ...seen }
}

const nameOf = async (work: Promise<unknown>) => ((await work.catch((error: unknown) => error)) as Error).name

describe('LanguageModel', () => {
  test('is downloadable, then downloading, then available, and tells how far it is', async () => {
    const { model } = scriptedModel({ answer: () => '' })
    let loads = 0
    const shape = createLanguageModel(async ({ onProgress }) => {
      loads++
      const report = { phase: 'weights', file: 'a', bytesPerSecond: 0, etaMs: undefined, fromStore: false } as const
      onProgress?.({ ...report, loaded: 1, total: 4 })
      return model
    })
    const seen: number[] = []
    const monitor = (target: EventTarget) =>
      target.addEventListener('downloadprogress', (event) => seen.push((event as ProgressEvent).loaded))
    expect(await shape.availability()).toBe('downloadable')
    const made = Promise.all([shape.create({ monitor }), shape.create()])
    expect(await shape.availability()).toBe('downloading')
    await made
    expect(await shape.availability()).toBe('available')
    expect([loads, seen]).toEqual([1, [0, 0.25, 1]])
    expect(await shape.availability({ expectedInputs: [{ type: 'image' }] })).toBe('unavailable')
    expect(await nameOf(shape.create({ expectedOutputs: [{ type: 'audio' }] }))).toBe('NotSupportedError')
    expect(await nameOf(shape.create({ tools: [{}] }))).toBe('NotSupportedError')
  })

  test('a load that failed may be tried again', async () => {
    const { model } = scriptedModel({ answer: () => '' })
    let fails = true
    const shape = createLanguageModel(async () => {
      if (fails) throw new Error('no network')
      return model
    })
    await expect(shape.create()).rejects.toThrow('no network')
    fails = false
    expect((await shape.create()).contextWindow).toBe(Infinity)
  })
})

test('params are those of the model, and before one is loaded those of models that propose nothing', async () => {
  const { model } = scriptedModel({ answer: () => '' })
  const shape = createLanguageModel(async () => model)
  const limits = { maxTopK: 65_536, maxTemperature: 10 }
  const { temperature } = defaultSampling
  expect(await shape.params()).toEqual({ ...limits, defaultTopK: 65_536, defaultTemperature: temperature })
  const all = { temperature, topK: limits.maxTopK, maxTokens: 5 }
  expect(resolveSampling(all, { temperature: limits.maxTemperature })).toMatchObject({ topK: 65_536, temperature: 10 })
  expect(() => resolveSampling({ temperature: limits.maxTemperature + 0.1 })).toThrow('temperature')
  const own = { ...model, info: { ...model.info, sampling: { ...model.info.sampling, temperature: 0.7, topK: 40 } } }
  expect(await createLanguageModel(own).params()).toEqual({ ...limits, defaultTopK: 40, defaultTemperature: 0.7 })
})

test('no model thinks, whatever it was taught: each reply is opened behind empty thoughts, and is the answer alone', async () => {
  const { model, contexts } = modelThat('>Hi.')
  const opened = ' <think></think'
  const initialPrompts: PromptMessage[] = [
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: 'Hi.' },
  ]
  const session = await createLanguageModel(model).create({ initialPrompts, ...{ think: true } }) // no word of the draft's
  let streamed = ''
  for await (const piece of session.promptStreaming('Why?')) streamed += piece
  const twin = await session.clone()
  await twin.append('Well?')
  expect([streamed, await twin.prompt('So?')]).toEqual(['Hi.', 'Hi.'])
  const first = 'User: Hi\n\nAssistant: Hi.\n\nUser: Why?\n\nAssistant:'
  const second = `${first} Hi.\n\nUser: Well?\n\nUser: So?\n\nAssistant:`
  expect([...contexts]).toEqual([first + opened, second + opened])
})

describe('a session', () => {
  test('reads its initial prompts, then goes on from prompt to prompt', async () => {
    const initialPrompts: PromptMessage[] = [
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hello.' },
    ]
    const { session, asked } = await sessionOf(' Yes.', { initialPrompts })
    expect(session.contextUsage).toBe('Be kind.\n\nUser: Hi\n\nAssistant: Hello.\n\n'.length)
    expect(await session.prompt('Sure?')).toBe('Yes.')
    await session.append([
      {
        role: 'user',
        content: [
          { type: 'text', value: 'A' },
          { type: 'text', value: 'B' },
        ],
      },
    ])
    expect(await session.prompt('And?')).toBe('Yes.')
    const first = 'Be kind.\n\nUser: Hi\n\nAssistant: Hello.\n\nUser: Sure?\n\nAssistant:'
    const contexts = asked.map(({ context }) => context)
    expect(contexts).toEqual([first, `${first} Yes.\n\nUser: AB\n\nUser: And?\n\nAssistant:`])
    expect(session.inputUsage).toBe(`${contexts[1]}`.length + 1 + '\n\n'.length) // the scripted reply is one token
  })

  test('streams pieces, and calls made at once are carried out in order', async () => {
    const { session, asked } = await sessionOf(' one two')
    const pieces: string[] = []
    const stream = session.promptStreaming('1')
    const later = session.prompt('2')
    for await (const piece of stream) pieces.push(piece)
    expect([pieces, await later]).toEqual([['one', ' two'], 'one two'])
    expect(asked.map(({ context }) => context.at(-13))).toEqual(['1', '2'])
  })

  test('begins a reply with a prefix', async () => {
    const { session, asked } = await sessionOf(' more')
    const said = await session.prompt([
      { role: 'user', content: 'Go' },
      { role: 'assistant', content: 'Once', prefix: true },
    ])
    expect([said, asked[0]?.context]).toEqual([' more', 'User: Go\n\nAssistant: Once'])
  })

  test('measures without reading', async () => {
    const { session, asked } = await sessionOf('')
    expect(await session.measureContextUsage('Hi')).toBe('User: Hi\n\nAssistant:'.length)
    expect(await session.measureInputUsage('Hi')).toBe('User: Hi\n\nAssistant:'.length)
    expect([session.contextUsage, asked]).toEqual([0, []])
  })

  test('constraints, temperature and modes reach the sampling', async () => {
    const { session, asked } = await sessionOf('', { temperature: 0.5, topK: 3 })
    await session.prompt('a', { responseConstraint: { type: 'boolean' } })
    await session.prompt('b', { responseConstraint: /ab+/, omitResponseConstraintInput: true })
    await session.prompt('c')
    expect(asked.map(({ sampling }) => sampling.format)).toEqual([
      { type: 'json-schema', schema: { type: 'boolean' } },
      { type: 'regex', pattern: 'ab+', flags: '' },
      undefined,
    ])
    expect(asked[0]?.sampling).toMatchObject({ temperature: 0.5, topK: 3 })
    expect([session.temperature, session.topK]).toEqual([0.5, 3])
    expect((await sessionOf('', { samplingMode: 'most-predictable' })).session.temperature).toBe(0)
  })

  test('a clone goes on from the same place, alone', async () => {
    const { session, asked } = await sessionOf(' x')
    await session.append('Hi')
    const twin = await session.clone()
    expect(twin.contextUsage).toBe(session.contextUsage)
    await Promise.all([session.prompt('a'), twin.prompt('b')])
    const contexts = asked.map(({ context }) => context).sort()
    expect(contexts).toEqual(['a', 'b'].map((text) => `User: Hi\n\nUser: ${text}\n\nAssistant:`))
  })

  test('an abort rejects with its reason, before and within a reply; the session goes on', async () => {
    const { session } = await sessionOf(' word'.repeat(1000))
    const reason = new Error('enough')
    await expect(session.prompt('a', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    await expect(session.append('a', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const controller = new AbortController()
    const reader = session.promptStreaming('b', { signal: controller.signal }).getReader()
    expect(await reader.read()).toEqual({ value: 'word', done: false })
    controller.abort(reason)
    const rest = async () => {
      while (!(await reader.read()).done);
    }
    await expect(rest()).rejects.toBe(reason)
    const cancelled = session.promptStreaming('c')
    await cancelled.cancel()
    expect(session.contextUsage).toBeLessThan(400) // only what was said counts
    expect(await session.prompt('d')).toMatch(/^word word/)
  })

  test('destroyed, it rejects with AbortError whatever is under way or comes', async () => {
    const { session, alive } = await sessionOf(' word'.repeat(1000))
    const underWay = nameOf(session.prompt('a'))
    const waiting = nameOf(session.append('b'))
    session.destroy()
    const later = [session.prompt('c'), session.append('d'), session.clone(), session.measureContextUsage('e')]
    expect(await Promise.all([underWay, waiting, ...later.map(nameOf)])).toEqual(Array(6).fill('AbortError'))
    expect(alive()).toBe(0)
  })

  test.each<[string, PromptMessage[], string]>([
    [
      'a prefix that is not last',
      [
        { role: 'assistant', content: 'a', prefix: true },
        { role: 'user', content: 'b' },
      ],
      'SyntaxError',
    ],
    ['a prefix of the user', [{ role: 'user', content: 'a', prefix: true }], 'SyntaxError'],
    [
      'a system text behind a message',
      [
        { role: 'user', content: 'a' },
        { role: 'system', content: 'b' },
      ],
      'TypeError',
    ],
    ['an image', [{ role: 'user', content: [{ type: 'image', value: {} }] }], 'NotSupportedError'],
    ['a text that is none', [{ role: 'user', content: [{ type: 'text', value: 1 }] }], 'TypeError'],
  ])('refuses %s', async (_, input, name) => {
    const { session } = await sessionOf('')
    expect(await nameOf(session.prompt(input))).toBe(name)
    expect(await nameOf(session.prompt('a', { omitResponseConstraintInput: true }))).toBe('TypeError')
    expect(await nameOf(session.prompt('a', { responseConstraint: Reflect.construct(RegExp, ['a', 'v']) }))).toBe(
      'NotSupportedError',
    )
  })
})
