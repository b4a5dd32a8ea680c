import { expect, test } from 'vitest'
import type { PromptOptions, PromptProgress, Session } from '../../src/core/protocol.ts'
import { standInModel } from '../tools/stand-in-model.ts'

const sampling = { temperature: 0, maxTokens: 2 }
const document = 'a document. '.repeat(400)

/** What is told of a prompt, and at its end that its reply began. */
async function ask(session: Session, text: string, options: PromptOptions = {}) {
  const told: (PromptProgress | 'reply')[] = []
  const reply = session.prompt(text, { sampling, onRead: (progress) => told.push(progress), ...options })
  for await (const _ of reply) if (told.at(-1) !== 'reply') told.push('reply')
  return { told, summary: await reply.summary }
}

test('a long prompt is told of as it is read, to its end, before the reply', async () => {
  const { model } = standInModel()
  const session = await model.createSession()
  const { told, summary } = await ask(session, document)
  expect(told.at(-1)).toBe('reply')
  const steps = told.slice(0, -1) as PromptProgress[]
  expect(steps.length).toBeGreaterThan(2)
  expect(steps.map(({ read }) => read)).toEqual([...new Set(steps.map(({ read }) => read))].sort((a, b) => a - b))
  expect(new Set(steps.map(({ total }) => total))).toEqual(new Set([summary.contextTokens]))
  expect(steps.at(-1)?.read).toBe(summary.contextTokens - 1) // the last goes with the first draw
})

test('what is cached counts as read at once', async () => {
  const { model } = standInModel()
  await ask(await model.createSession(), document)
  const again = await ask(await model.createSession(), document)
  const [first] = again.told as PromptProgress[]
  expect(first?.read).toBeGreaterThan(document.length / 2)
  expect(again.told.length).toBeLessThan(4)
})

test('an abort between two steps is no later than the next', async () => {
  const { model } = standInModel()
  const stop = new AbortController()
  const told: PromptProgress[] = []
  const onRead = (progress: PromptProgress) => {
    told.push(progress)
    if (told.length === 2) stop.abort()
  }
  const session = await model.createSession()
  const reply = session.prompt(document, { sampling, signal: stop.signal, onRead })
  const summary = await reply.summary
  expect(summary).toMatchObject({ finishReason: 'abort', text: '' })
  expect(told.length).toBeLessThan(5)
  expect((told.at(-1) as PromptProgress).read).toBeLessThan((told[0] as PromptProgress).total)
})
