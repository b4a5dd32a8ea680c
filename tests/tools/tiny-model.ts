/**
 * @file A model with a vocabulary that takes milliseconds to load and a token: the golden model plain64 (2 layers, 64
 * channels, 260 ids) as a folder. What it says is nonsense, and always the same nonsense.
 */

import { pathToFileURL } from 'node:url'
import { afterAll, expect } from 'vitest'
import type { Model } from '../../src/core/protocol.ts'
import { createEngine, exposeEngine } from '../../src/engine.ts'
import { loadModel } from '../../src/index.ts'
import { fileFetch } from '../../src/node/file-fetch.ts'
import { createDawn } from './dawn.ts'
import { goldenModel, testedDevice } from './engine.ts'
import { goldenFolder7 } from './golden.ts'
import { vocabularyText } from './vocabulary-text.ts'

/** Where it is, for `tinyFetch`. */
export const tinyModel = 'file:///tiny/'

/** The same of RWKV-7, over the golden model seven128. */
export const tinyModel7 = 'file:///tiny7/'

/** Its weights, for the oracle. */
export const tinyWeights = goldenModel('plain64.f32.safetensors')

const tinyWeights7 = `${pathToFileURL(goldenFolder7).href}/models/seven128.bf16.pth`

/** Tokens beyond the 256 single bytes (ids 1 … 256): ids 257, 258, 259. */
export const tinyWords = [' cat', ' dog', '\n\n']

const description = {
  name: 'tiny',
  vocabulary: { file: 'vocab.txt', kind: 'world' },
  bos_token_id: 0,
  eos_token_id: 0,
  prompt_format: {
    user: 'U:{text}\n\n',
    assistant: 'A:',
    end: '\n\n',
    stop: ['\n\n'],
    tools: { present: 'T:{tools}\n\n', call_start: '<', call_end: '>', result: 'R:{text}\n\n' }, // it was taught none
    fill_in: { text: '<P>{prefix}<S>{suffix}<M>', stop: '<' },
  },
  sampling: { temperature: 0, presence_penalty: 0, frequency_penalty: 0, max_tokens: 12 },
  license: 'none',
}

/** Answers for the files of both. */
export const tinyFetch: typeof fetch = async (input, init) => {
  const { href } = new URL('.', String(input))
  const weights = { [tinyModel]: tinyWeights, [tinyModel7]: tinyWeights7 }[href]
  if (!weights) return fileFetch(input, init)
  const file = String(input).slice(href.length)
  const architecture = href === tinyModel7 ? 'rwkv-7' : 'rwkv-4'
  const names = { architecture, weights: weights.slice(weights.lastIndexOf('/') + 1) }
  if (file === 'model.json') return new Response(JSON.stringify({ ...description, ...names }))
  if (file === 'vocab.txt') return new Response(vocabularyText(tinyWords))
  return fileFetch(weights, init)
}

type Way = 'engine' | 'worker'

/** A loaded tiny model and how to end it. */
interface Opened {
  readonly model: Model
  readonly close: () => Promise<void>
}

const opened = new Map<Way, Promise<Opened>>() // one for all tests of a file

/** By itself, or through the page's client and the worker's end of it. */
async function open(through: Way): Promise<Opened> {
  const engine = createEngine({ gpu: createDawn(), device: testedDevice, fetch: tinyFetch })
  if (through === 'engine') {
    const model = await engine.loadModel(tinyModel)
    return {
      model,
      async close() {
        await model.dispose()
        const { gpuByteLength } = await model.counters()
        await engine.dispose()
        expect(gpuByteLength).toBe(0)
      },
    }
  }
  const { port1, port2 } = new MessageChannel()
  exposeEngine(engine, port2)
  const worker = Object.assign(port1, { terminate() {} }) as unknown as Worker
  const model = await loadModel(tinyModel, { worker })
  return {
    model,
    async close() {
      await model.dispose()
      for (const port of [port1, port2]) port.close()
      await engine.dispose()
    },
  }
}

/** Run `work` with the tiny model. It is loaded once for all tests of a file; sessions and states are the test's own. */
export async function withTiny(
  work: (model: Model) => Promise<void>,
  { through = 'engine' }: { through?: Way } = {},
): Promise<void> {
  const ready = opened.get(through) ?? open(through)
  opened.set(through, ready)
  await work((await ready).model)
}

afterAll(async () => {
  for (const one of opened.values()) await (await one).close()
})
