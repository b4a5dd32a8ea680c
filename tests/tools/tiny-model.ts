/**
 * @file A model with a vocabulary that takes milliseconds to load and a token: the golden model plain64 (2 layers, 64
 * channels, 260 ids) as a folder. What it says is nonsense, and always the same nonsense.
 */

import { expect } from 'vitest'
import type { LoadOptions, Model } from '../../src/core/protocol.ts'
import { createEngine, exposeEngine } from '../../src/engine.ts'
import { loadModel } from '../../src/index.ts'
import { createDawn } from './dawn.ts'
import { goldenModel } from './engine.ts'
import { fileFetch } from './file-fetch.ts'
import { vocabularyText } from './vocabulary-text.ts'

/** Where it is, for `tinyFetch`. */
export const tinyModel = 'file:///tiny/'

/** Its weights, for the oracle. */
export const tinyWeights = goldenModel('plain64.f32.safetensors')

/** Tokens beyond the 256 single bytes (ids 1 … 256): ids 257, 258, 259. */
export const tinyWords = [' cat', ' dog', '\n\n']

const description = {
  name: 'tiny',
  architecture: 'rwkv-4',
  weights: 'model.safetensors',
  vocabulary: { file: 'vocab.txt', kind: 'world' },
  bos_token_id: 0,
  eos_token_id: 0,
  prompt_format: { user: 'U:{text}\n\n', assistant: 'A:', end: '\n\n', stop: ['\n\n'] },
  sampling: { temperature: 0, presence_penalty: 0, frequency_penalty: 0, max_tokens: 12 },
  license: 'none',
}

const tinyFetch: typeof fetch = async (input, init) => {
  const url = String(input)
  if (!url.startsWith(tinyModel)) return fileFetch(input, init)
  const file = url.slice(tinyModel.length)
  if (file === 'model.json') return new Response(JSON.stringify(description))
  if (file === 'vocab.txt') return new Response(vocabularyText(tinyWords))
  return fileFetch(tinyWeights, init)
}

/** Run `work` with the tiny model, by itself or through the page's client and the worker's end of it. */
export async function withTiny(
  work: (model: Model) => Promise<void>,
  { through = 'engine', ...options }: LoadOptions & { through?: 'engine' | 'worker' } = {},
): Promise<void> {
  const engine = createEngine({ gpu: createDawn(), fetch: tinyFetch })
  const { port1, port2 } = new MessageChannel()
  try {
    if (through === 'worker') exposeEngine(engine, port2)
    const worker = Object.assign(port1, { terminate() {} }) as unknown as Worker
    const model = await (through === 'worker'
      ? loadModel(tinyModel, { ...options, worker })
      : engine.loadModel(tinyModel, options))
    await work(model)
    if (through === 'engine') {
      await model.dispose()
      expect((await model.counters()).gpuByteLength).toBe(0)
    } else await model.dispose()
  } finally {
    for (const port of [port1, port2]) port.close()
    await engine.dispose()
  }
}
