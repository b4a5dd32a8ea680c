/** @file `loadModel` as pages import it: a model with chats in OpenAI's shape, whose code comes when they are first used. */

import type { LoadOptions, Model, ModelSource } from '../core/protocol.ts'
import { type EngineChoice, loadModel as loadBareModel } from './load-model.ts'
import type { OpenAIShape } from './openai/types.ts'

/** A model, with `chat.completions.create` and `completions.create`. */
export type LoadedModel = Model & OpenAIShape

/**
 * Load a model in a worker. The caller disposes it; the worker ends with it.
 * @param source see `ModelSource`; addresses are relative to the page
 * @throws RwkvError `worker/unavailable` if the worker cannot start; else as `Engine.loadModel`
 *
 * @example
 * ```ts
 * import { loadModel } from 'rwkv.js'
 *
 * const model = await loadModel('/models/storyteller/')
 * const session = await model.createSession({ sampling: { temperature: 0, maxTokens: 4 } })
 * console.log((await session.prompt('Tell me a story.').summary).finishReason) // → length
 * await model.dispose()
 * ```
 */
export async function loadModel(source: ModelSource, options: LoadOptions & EngineChoice = {}): Promise<LoadedModel> {
  const model = await loadBareModel(source, options)
  let shape: Promise<OpenAIShape> | undefined
  const shaped = () => {
    shape ??= import('./openai.ts').then(({ createOpenAI }) => createOpenAI(model))
    return shape
  }
  const create = async (...args: Parameters<OpenAIShape['chat']['completions']['create']>) =>
    (await shaped()).chat.completions.create(...args)
  const goOn = async (...args: Parameters<OpenAIShape['completions']['create']>) =>
    (await shaped()).completions.create(...args)
  return {
    ...model,
    chat: { completions: { create: create as OpenAIShape['chat']['completions']['create'] } },
    completions: { create: goOn as OpenAIShape['completions']['create'] },
  }
}
