/**
 * @file `npm run ask-ten`: ten questions to a document of 1,000 tokens, each in a session of its own, without and with what
 * sessions share; prints the ids that were fed and the time. With the built-in model.
 */

import { readFile } from 'node:fs/promises'
import type { Model, SamplingOptions } from '../../src/core/protocol.ts'
import { createEngine } from '../../src/engine.ts'
import { fileFetch } from '../../src/node/file-fetch.ts'
import { createDawn } from '../tools/dawn.ts'

/** What asking came to. */
export interface Asked {
  readonly answers: readonly string[]
  /** Ids that the model was fed. */
  readonly tokens: number
  readonly ms: number
}

/** Let a new session read `document` for each of `questions`, and answer it. */
export async function ask(
  model: Model,
  options: {
    readonly document: string
    readonly questions: readonly string[]
    readonly shared: boolean
    readonly sampling: Partial<SamplingOptions>
  },
): Promise<Asked> {
  const { document, questions, shared, sampling } = options
  const before = (await model.counters()).tokens
  const start = performance.now()
  const answers: string[] = []
  for (const question of questions) {
    const session = await model.createSession({ shared, sampling })
    await session.append(document)
    answers.push((await session.prompt(question).summary).text)
    await session.dispose()
  }
  return { answers, tokens: (await model.counters()).tokens - before, ms: performance.now() - start }
}

/** What `ask` found, in a line. */
export const sayAsked = (name: string, { tokens, ms }: Asked): string =>
  `read once, ask ten, ${name}: ${tokens} ids fed, ${ms.toFixed(0)} ms`

/** Prints two lines. Exit code: 0 if the answers are the same. */
export async function main(): Promise<number> {
  const folder = new URL('../../demo/public/models/storyteller/', import.meta.url)
  const engine = createEngine({ gpu: createDawn(), device: 'webgpu', fetch: fileFetch })
  const model = await engine.loadModel(folder.href)
  const text = await readFile(new URL('heldout.txt', folder), 'utf8')
  const ids = await model.encode(text.repeat(2))
  const document = await model.decode(ids.slice(0, 1000))
  const questions = Array.from({ length: 10 }, (_, i) => `What did they do on day ${i}?`)
  const asked = { document, questions, sampling: { temperature: 0, maxTokens: 8 } }
  const alone = await ask(model, { ...asked, shared: false })
  console.log(sayAsked('alone', alone))
  const together = await ask(model, { ...asked, shared: true })
  console.log(sayAsked('together', together))
  await engine.dispose()
  return alone.answers.join() === together.answers.join() ? 0 : 1
}
