/**
 * @file wllama, which is llama.cpp in WebAssembly, as a contestant: our weights in a GGUF file of Q8_0, one thread. It takes
 * a prompt and gives a reply, so that a token of it has been drawn too, greedily.
 */

import { float32ToHalf } from '../../../src/core/float16.ts'
import type { Model } from '../../../src/core/protocol.ts'
import { type BlocksOf, type Config7, seededGguf } from '../../tools/seeded-gguf.ts'
import type { Context, Opened } from '../entrants.ts'
import { checkIds, idsOf } from '../ours.ts'
import { PROMPT_LENGTH } from '../ratios.ts'

/** What is used of the package. */
interface Package {
  readonly Wllama: new (paths: { readonly default: string }, config: object) => Wllama
}

interface Wllama {
  loadModel(files: readonly Blob[], options: object): Promise<void>
  createCompletion(request: object): Promise<Completion>
  exit(): Promise<void>
}

interface Completion {
  readonly usage: { readonly prompt_tokens: number; readonly completion_tokens: number }
  readonly choices: readonly [{ readonly logprobs: { readonly content: readonly [{ top_logprobs: TopLogprobs }] } }]
}

type TopLogprobs = readonly { readonly id: number; readonly logprob: number }[]

const REPLY_LENGTH = 16
const BLOCK = 32
const ASCII = 128 // a lone byte beyond is no text, and wllama fails to give its probability

/** As llama.cpp quantises: a block of 32 has its largest value at 127 or -127. */
const q8: BlocksOf = (_, { values }) => {
  const bytes = new Uint8Array((values.length / BLOCK) * (2 + BLOCK))
  const numbers = new Int8Array(bytes.buffer)
  for (let from = 0, at = 0; from < values.length; from += BLOCK, at += 2 + BLOCK) {
    const block = values.subarray(from, from + BLOCK)
    const scale = block.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127
    bytes.set(new Uint8Array(float32ToHalf(Float32Array.of(scale)).buffer), at)
    numbers.set(
      block.map((value) => Math.round(value / (scale || 1))),
      at + 2,
    )
  }
  return bytes
}

/** Load the model, and compare the log-probabilities of all ids after the first prompt. */
export async function openWllama(
  name: 'wllama-q8' | 'prefill-wllama-q8',
  { model, packages }: Context,
): Promise<Opened> {
  const dist = `${packages}@wllama/wllama/esm/`
  const { Wllama }: Package = await import(/* @vite-ignore */ `${dist}index.js`)
  const wllama = new Wllama({ default: `${dist}wasm/wllama.wasm` }, { suppressNativeLog: true })
  const file = await seededGguf(model.info.config as Config7, () => 'Q8_0', { blocksOf: q8, bytes: ASCII })
  await wllama.loadModel([new Blob([file])], { n_threads: 1, n_gpu_layers: 0, n_ctx: 512, n_parallel: 1 })
  const { V } = model.info.config

  /** A reply to a prompt, from an empty state on. */
  async function reply(ids: readonly number[], tokens: number, options = {}): Promise<Completion> {
    const prompt = ids.map((id) => (id <= ASCII ? String.fromCharCode(id - 1) : `[PAD${id}]`)).join('')
    const request = { prompt, max_tokens: tokens, temperature: 0, ignore_eos: true, cache_prompt: false, ...options }
    const completion = await wllama.createCompletion(request)
    const { prompt_tokens, completion_tokens } = completion.usage
    if (prompt_tokens !== ids.length || completion_tokens !== tokens)
      throw new Error(`wllama read ${prompt_tokens} ids of ${ids.length} and wrote ${completion_tokens} of ${tokens}`)
    return completion
  }

  const logits = new Float32Array(V).fill(Number.NaN)
  const { choices } = await reply(checkIds(model), 1, { n_probs: V })
  for (const { id, logprob } of choices[0].logprobs.content[0].top_logprobs) logits[id] = logprob
  const run =
    name === 'wllama-q8' ? () => reply(idsOf(model, 1), REPLY_LENGTH) : () => reply(idsOf(model, PROMPT_LENGTH), 1)
  return {
    contestant: { name, unit: 'token', units: name === 'wllama-q8' ? REPLY_LENGTH : PROMPT_LENGTH, run },
    logits: shiftedTo(logits, await firstLogits(model)),
    dispose: () => wllama.exit(),
  }
}

/** Log-probabilities lie below logits by one number, which is the same for all ids: with the mean of `others` instead. */
function shiftedTo(values: Float32Array, others: Float32Array): Float32Array {
  const shift = (sum(others) - sum(values)) / values.length
  return values.map((value) => value + shift)
}

const sum = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0)

async function firstLogits(model: Model): Promise<Float32Array> {
  const state = await model.createState()
  await state.feed(checkIds(model))
  const logits = await state.logits()
  await state.dispose()
  return logits
}
