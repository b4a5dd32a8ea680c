/**
 * @file Models with a vocabulary that take milliseconds to load and a token, as folders: the golden models plain64 (RWKV-4, 2
 * layers, 64 channels, 260 ids) and seven128. What they say is nonsense, and always the same nonsense.
 */

import { pathToFileURL } from 'node:url'
import { fileFetch } from '../../src/node/file-fetch.ts'
import { goldenFolder, goldenFolder7 } from './golden.ts'
import { vocabularyText } from './vocabulary-text.ts'

/** Where it is, for `tinyFetch`. */
export const tinyModel = 'file:///tiny/'

/** The same of RWKV-7, over the golden model seven128. */
export const tinyModel7 = 'file:///tiny7/'

/** Its weights, for the oracle. */
export const tinyWeights = `${pathToFileURL(goldenFolder).href}/models/plain64.f32.safetensors`

export const tinyWeights7 = `${pathToFileURL(goldenFolder7).href}/models/seven128.bf16.pth`

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
