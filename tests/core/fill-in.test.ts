import { describe, expect, test } from 'vitest'
import { createFillIn } from '../../src/core/fill-in.ts'
import type { PromptFormat } from '../../src/core/protocol.ts'
import { families } from '../../src/rwkv/v7/families.ts'
import { userAssistantFormat } from '../../src/text/prompt-format.ts'
import { scriptedModel } from '../tools/scripted-model.ts'
import { standInModel } from '../tools/stand-in-model.ts'

/** G1c's, with a mark of one byte, since the stand-in says bytes. */
const promptFormat: PromptFormat = {
  ...JSON.parse(JSON.stringify(families[0]?.promptFormat).replaceAll('✿', '@')),
  opener: 'Be kind.\n\n',
}
const sampling = { temperature: 0, presencePenalty: 0, frequencyPenalty: 0, maxTokens: 60 }
const [prefix, suffix] = ['def f({suffix}):\n\n  x = 1', '\n  return x\r\n\n  # User: {prefix} $&\n']
const taught = `@prefix@@suffix@${suffix}@middle@${prefix}`

describe('what stands between two texts', () => {
  test.each([
    ['the mark that keeps texts apart', ' +\n\n\nUser: 2 ', '@prefix@ and so on'],
    ['the end of the text', ' +\n\n\nUser: 2 ', ''],
  ])('is said behind the texts as they are, and nothing else, up to %s', async (_, said, more) => {
    const says = (text: string) =>
      text.startsWith(taught) && `${said}${more}`.startsWith(text.slice(taught.length))
        ? `${said}${more}`.slice(text.length - taught.length)
        : 'not asked so'
    const { model } = standInModel({ promptFormat, says })
    const told: string[] = []
    const reply = model.fillIn(prefix, suffix, { sampling, onToken: ({ text }) => told.push(text) })
    const pieces: string[] = []
    for await (const piece of reply) pieces.push(piece)
    const { text, finishReason, contextTokens, promptTokens } = await reply.summary
    expect([pieces.join(''), told.join(''), text]).toEqual(Array(3).fill(' +\n\n\nUser: 2 '))
    expect(finishReason).toBe('stop')
    expect(promptTokens).toBe(contextTokens)
  })

  test('is drawn as one asks, in a format, and up to stop texts of one’s own', async () => {
    const { model, asked, alive } = scriptedModel({ answer: () => 'x = 1; y', promptFormat })
    const format = { type: 'regex', pattern: '.*' } as const
    const { text } = await model.fillIn('a', 'b', { sampling: { stop: [';'], seed: 7, format } }).summary
    expect(text).toBe('x = 1')
    expect(asked.map(({ context }) => context)).toEqual(['@prefix@@suffix@b@middle@a'])
    expect(asked[0]?.sampling).toMatchObject({ seed: 7, format })
    expect(alive()).toBe(0)
  })

  test('is refused where the model was not taught so, and where a text would end it', async () => {
    const untaught = scriptedModel({ answer: () => '', promptFormat: userAssistantFormat })
    const { model, asked } = scriptedModel({ answer: () => '', promptFormat })
    for (const [reply, message] of [
      [untaught.model.fillIn('a', 'b'), /^scripted was not taught to fill gaps/],
      [model.fillIn('a @', 'b'), /^The prefix has "@" in it/],
      [model.fillIn('a', '@'), /^The suffix has "@" in it/],
    ] as const) {
      const refused = { code: 'option/invalid', message: expect.stringMatching(message) }
      await expect(reply.summary).rejects.toMatchObject(refused)
      await expect(reply[Symbol.asyncIterator]().next()).rejects.toMatchObject(refused)
    }
    expect([untaught.asked, asked]).toEqual([[], []])
  })
})

describe('a reply between two texts that is left', () => {
  const long = 'word '.repeat(1000)

  test.each(['before its session is there', 'within it'])(
    '%s, leaves no session, and tells what it was',
    async (when) => {
      const { model, alive, words } = scriptedModel({ answer: () => long, promptFormat })
      let open = () => {}
      const opened = new Promise<void>((resolve) => {
        open = resolve
      })
      const fillIn = createFillIn(model.info, async (options) => {
        await opened
        return model.createSession(options)
      })
      const reply = fillIn('a', 'b', { sampling: { maxTokens: 1000 } })
      const pieces = reply[Symbol.asyncIterator]()
      if (when === 'within it') {
        open()
        await pieces.next()
      }
      await pieces.return?.()
      open()
      expect(await reply.summary).toMatchObject({ finishReason: 'abort' })
      expect(words()).toBeLessThan(10)
      expect(alive()).toBe(0)
    },
  )

  test('by its signal, throws the reason behind what was said', async () => {
    const { model, alive } = scriptedModel({ answer: () => long, promptFormat })
    const stop = new AbortController()
    const reply = model.fillIn('a', 'b', { signal: stop.signal, sampling: { maxTokens: 1000 } })
    const heard: string[] = []
    const listen = async () => {
      for await (const piece of reply) {
        heard.push(piece)
        stop.abort(new Error('enough'))
      }
    }
    await expect(listen()).rejects.toThrow('enough')
    expect(heard[0]).toBe('word')
    expect((await reply.summary).finishReason).toBe('abort')
    expect(alive()).toBe(0)
    await expect(model.fillIn('a', 'b', { signal: stop.signal }).summary).rejects.toThrow('enough')
  })
})
