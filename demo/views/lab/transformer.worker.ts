/**
 * @file The worker of the Lab's transformer: transformers.js on onnxruntime-web, the model's files from the Hub, the
 * runtime's from our own origin. Nothing of it is fetched before someone wants the comparison.
 */

import {
  AutoModelForCausalLM,
  AutoTokenizer,
  BaseStreamer,
  DynamicCache,
  env,
  LogLevel,
  type ProgressInfo,
  type TextStreamer,
} from '@huggingface/transformers'
import { expose } from 'comlink'
import wasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url'
import { carryErrors } from '../../../src/core/transfer.ts'
import { CACHE_NAME, type TransformerWorker } from './transformer-protocol.ts'

env.allowLocalModels = false
env.cacheKey = CACHE_NAME
env.useWasmCache = false // or the runtime's script becomes a blob, which the policy refuses
env.logLevel = LogLevel.ERROR
// In place of a CDN's. The script around it is bundled with us; more threads need a page isolated from other origins.
Object.assign(env.backends.onnx.wasm ?? {}, { wasmPaths: { wasm: wasmUrl }, numThreads: 1 })

const BYTES = { float32: 4, float16: 2 } as const

/** Bytes of a cache, counted from the shapes and types of its tensors, which may lie on the GPU. */
function byteLengthOf(cache: DynamicCache): number {
  return Object.values(cache).reduce((sum, { dims, type }) => {
    const bytes = BYTES[type as keyof typeof BYTES]
    if (!bytes)
      throw new Error(`The model's cache has a tensor of ${type}; expected ${Object.keys(BYTES).join(' or ')}.`)
    return sum + dims.reduce((size, dim) => size * dim, bytes)
  }, 0)
}

const transformer: TransformerWorker = {
  async run({ model: name, device, format, prompt, tokens }, listener) {
    const tokenizer = await AutoTokenizer.from_pretrained(name)
    const model = await AutoModelForCausalLM.from_pretrained(name, {
      device,
      dtype: format,
      progress_callback(info: ProgressInfo) {
        if (info.status === 'progress_total') listener.onProgress(info.loaded, info.total)
      },
    })
    const inputs = tokenizer(prompt)
    const promptTokens: number = inputs.input_ids.dims.at(-1) ?? 0
    const { max_position_embeddings, n_positions } = model.config as object as Partial<Record<string, number>>
    const context = max_position_embeddings ?? n_positions
    const wanted = Math.min(tokens, (context ?? Number.POSITIVE_INFINITY) - promptTokens)
    listener.onStart({ promptTokens, context, tokens: wanted })

    const cache = new DynamicCache()
    let heard: unknown
    class TokenCounter extends BaseStreamer {
      #isPrompt = true
      override put(): void {
        const now = performance.now()
        const report = () => {
          heard = listener.onToken(now, byteLengthOf(cache))
        }
        // The library takes this step's keys and values into the cache right behind this call.
        if (!this.#isPrompt) queueMicrotask(report)
        this.#isPrompt = false
      }
      override end(): void {}
    }
    await model.generate({
      ...inputs,
      past_key_values: cache,
      max_new_tokens: wanted,
      min_new_tokens: wanted, // it may not end before
      do_sample: false,
      // Its type asks for one that decodes, which is not what is measured here.
      streamer: new TokenCounter() as BaseStreamer as TextStreamer,
    })
    await heard // or this worker is ended before its last words have come
  },
}

carryErrors()
expose(transformer)
