/**
 * @file Chats and completions in OpenAI's shape, over any model of rwkv.js. `loadModel` gives models that have them; for
 * those of an engine, and for clients of OpenAI's, there is this file.
 *
 * @module rwkv.js/openai
 */

import type { Model } from '../core/protocol.ts'
import { platform, type Surroundings } from './openai/answer.ts'
import { type AnswerRequest, createAnswerRequest } from './openai/answer-request.ts'
import { createChatCompletions } from './openai/chat.ts'
import { createCompletions } from './openai/completion.ts'
import type { OpenAIShape } from './openai/types.ts'

export type { AnswerRequest } from './openai/answer-request.ts'
export { type ErrorBody, errorBody } from './openai/errors.ts'
export type * from './openai/types.ts'

/**
 * `model` in OpenAI's shape. It holds nothing of its own; the model stays the caller's.
 *
 * @example
 * ```ts
 * import { createWorkerEngine } from 'rwkv.js'
 * import { createOpenAI } from 'rwkv.js/openai'
 *
 * const engine = createWorkerEngine()
 * const { completions } = createOpenAI(await engine.loadModel('/models/storyteller/'))
 * const { choices } = await completions.create({ prompt: 'Once upon a', max_tokens: 1, temperature: 0 })
 * console.log(choices[0]?.text) // →  time
 * engine.dispose()
 * ```
 */
export function createOpenAI(model: Model, around: Surroundings = platform): OpenAIShape {
  return {
    chat: {
      completions: { create: createChatCompletions(model, around) as OpenAIShape['chat']['completions']['create'] },
    },
    completions: { create: createCompletions(model, around) as OpenAIShape['completions']['create'] },
  }
}

/**
 * A `fetch` for clients of OpenAI's: `new OpenAI({ apiKey: 'none', baseURL: 'http://page/v1', fetch: createFetch(model) })`.
 *
 * @example
 * ```ts
 * import { loadModel } from 'rwkv.js'
 * import { createFetch } from 'rwkv.js/openai'
 *
 * const model = await loadModel('/models/storyteller/')
 * const answer = createFetch(model)
 * const { status } = await answer('http://page/v1/models')
 * console.log(status) // → 200
 * await model.dispose()
 * ```
 */
export function createFetch(model: Model): AnswerRequest {
  return createAnswerRequest(model, createOpenAI(model))
}
