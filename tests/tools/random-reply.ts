/** @file Replies of a model that knows nothing: its logits are noise. What sense there is in them is the format's. */

import type { ReplyFormat, SamplingOptions } from '../../src/core/protocol.ts'
import type { Feeder } from '../../src/feeder/feed.ts'
import { createConstraint } from '../../src/sample/constraint.ts'
import { createCpuSampler } from '../../src/sample/cpu-sampler.ts'
import { defaultSampling } from '../../src/sample/options.ts'
import { type Generated, generate } from '../../src/session/generate.ts'
import { createGuides } from '../../src/session/guides.ts'
import { createRestorePoints } from '../../src/session/restore-points.ts'
import type { Tokenizer } from '../../src/text/tokenizer.ts'
import { createWorldTokenizer, parseWorldVocabulary } from '../../src/text/world-tokenizer.ts'
import { vocabularyText } from './vocabulary-text.ts'

/** Single bytes, and tokens that lie across everything: ends of texts, parts of characters, several keys at once. */
const WORDS = [
  ...[
    '{"',
    '":',
    '": ',
    '",',
    '", "',
    '"}',
    '"]',
    '}}',
    ']}',
    '[[',
    '[{"',
    '{}',
    '[]',
    '""',
    'null',
    'true',
    'false',
    'tru',
  ],
  ...['12', '00', '-1', '0.', '.5', '1e', 'e+', '999', '2024-', '-02-29', 'T1', ':59', '00Z', 'a@', '.com', '-4'],
  ...['\\n', '\\"', '\\\\', '\\u00', '\\u', 'abc', 'the ', ' cat', 'ab', 'xyz', 'é', 'éé', '日本', '😀', '\n\n', '  '],
  Uint8Array.of(0xe6, 0x97),
  Uint8Array.of(0xa5, 0x22),
  Uint8Array.of(0x22, 0xf0, 0x9f),
  Uint8Array.of(0x98, 0x80, 0x22, 0x7d),
].map((word): Uint8Array => (typeof word === 'string' ? new TextEncoder().encode(word) : word))

/** A vocabulary of about 300 ids. */
export const noiseTokenizer: Tokenizer = createWorldTokenizer(parseWorldVocabulary(vocabularyText(WORDS), 'noise'))

/** A reply of noise. */
export interface Noise {
  readonly format: ReplyFormat
  readonly seed: number
  readonly sampling?: Partial<SamplingOptions>
  /** Stop texts of the prompt format are not given here: a format does without. */
  readonly tokenizer?: Tokenizer
  /** Added to the logits of single ids. */
  readonly liking?: ReadonlyMap<number, number>
}

/** What one reply has fed to the state, and its summary. */
export interface NoiseReply {
  readonly summary: Generated['summary']
  readonly state: readonly number[]
}

const EOS = 0
const END = '\n\n'

/** A maker of replies over one vocabulary: formats are made ready once. */
export function createNoise(
  tokenizer: Tokenizer = noiseTokenizer,
): (noise: Omit<Noise, 'tokenizer'>) => Promise<NoiseReply> {
  const V = tokenizer.size + 3 // a head may have more ids than the vocabulary
  const guides = createGuides({ V, eosTokenId: EOS, tokenizer: () => tokenizer })
  const unknown = [V - 3, V - 2, V - 1]
  const sampler = createCpuSampler(V, unknown)
  return async ({ format, seed, sampling, liking }) => {
    const options = {
      ...defaultSampling,
      maxTokens: 400,
      temperature: 0,
      presencePenalty: 0,
      frequencyPenalty: 0,
      seed,
      format,
      ...sampling,
    }
    const vocabulary = { V, eosTokenId: EOS, isText: tokenizer.has, encode: tokenizer.encode }
    const state: number[] = []
    const logits = new Float32Array(V)
    let noise = seed * 2654435761 + 1
    const feeder: Feeder = {
      async feed([entry]) {
        state.push(...(entry?.ids ?? []))
        for (let id = 0; id < V; id++) {
          noise = (Math.imul(noise ^ (noise >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0
          logits[id] = ((noise >>> 8) / 2 ** 24) * 6 + (liking?.get(id) ?? 0)
        }
        return [logits]
      },
      feedAll: () => Promise.reject(new Error('not used')),
      ahead: 0,
      draw: () => Promise.reject(new Error('not used')),
    }
    const guide = await guides(options)
    const { summary } = await generate({
      feeder,
      tokenizer,
      sampler,
      slot: 0,
      promptIds: [1],
      sampling: options,
      constraint: { ...createConstraint(vocabulary, options), ...(guide && { guide }) },
      stopBehindSpace: [],
      hasParagraphs: false,
      onThoughts: () => {},
      stop: options.stop ?? [],
      end: END,
      eosTokenId: EOS,
      prefix: [],
      stream: 0,
      points: createRestorePoints([], {
        restoreSlot: () => {},
        restoreStart: () => {
          state.length = 0
        },
      }),
      emit: () => {},
      onToken: () => {},
      signal: new AbortController().signal,
      now: () => 0,
    })
    return { summary, state }
  }
}
