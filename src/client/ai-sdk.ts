/**
 * @file A model as the Vercel AI SDK's language-model interface (version 3), made of chats in OpenAI's shape. Only its types
 * are needed, those of `@ai-sdk/provider`: `streamText({ model: createAISDKModel(model), … })`.
 *
 * @module rwkv.js/ai-sdk
 */

import type { LanguageModelV3, LanguageModelV3CallOptions, LanguageModelV3StreamPart } from '@ai-sdk/provider'
import type { Model } from '../core/protocol.ts'
import { leaving } from '../core/reply.ts'
import { contentOf, createParts, finishOf, metadataOf, usageOf } from './ai-sdk/answers.ts'
import { readCall } from './ai-sdk/request.ts'
import { createOpenAI } from './openai.ts'

/**
 * `model` for `generateText`, `streamText` and whatever else takes a language model. It stays the caller's.
 *
 * @example
 * ```ts
 * import { generateText } from 'ai'
 * import { loadModel } from 'rwkv.js'
 * import { createAISDKModel } from 'rwkv.js/ai-sdk'
 *
 * const model = await loadModel('/models/storyteller/')
 * const { finishReason } = await generateText({ model: createAISDKModel(model), prompt: 'A story?', maxOutputTokens: 4 })
 * console.log(finishReason) // → length
 * await model.dispose()
 * ```
 */
export function createAISDKModel(model: Model): LanguageModelV3 {
  const { completions } = createOpenAI(model).chat
  const optionsOf = ({ abortSignal }: LanguageModelV3CallOptions) => (abortSignal ? { signal: abortSignal } : {})
  return {
    specificationVersion: 'v3',
    provider: 'rwkv.js',
    modelId: model.info.name,
    supportedUrls: {}, // nothing is fetched
    async doGenerate(call) {
      const { request, warnings } = readCall(call)
      const answer = await completions.create(request, optionsOf(call))
      const [choice] = answer.choices
      return {
        content: contentOf(choice?.message),
        finishReason: finishOf(choice?.finish_reason),
        usage: usageOf(answer.usage),
        warnings,
        request: { body: request },
        response: metadataOf(answer),
      }
    },
    async doStream(call) {
      const { request, warnings } = readCall(call)
      const body = { ...request, stream: true, stream_options: { include_usage: true } } as const
      const chunks = await completions.create(body, optionsOf(call))
      async function* parts(): AsyncGenerator<LanguageModelV3StreamPart, void, void> {
        yield { type: 'stream-start', warnings }
        const partsOf = createParts()
        try {
          for await (const chunk of chunks) {
            if (call.includeRawChunks) yield { type: 'raw', rawValue: chunk }
            yield* partsOf(chunk)
          }
        } catch (error) {
          yield { type: 'error', error }
        }
      }
      return {
        stream: streamOf(leaving(parts(), () => void chunks[Symbol.asyncIterator]().return?.())),
        request: { body },
      }
    },
  }
}

function streamOf<T>(source: AsyncGenerator<T, void, void>): ReadableStream<T> {
  return new ReadableStream({
    async pull(controller) {
      const { value, done } = await source.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    async cancel() {
      await source.return()
    },
  })
}
