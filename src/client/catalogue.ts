/**
 * @file Models that are known to fit this runtime, for a page to offer. The built-in one comes first; the others are on the
 * Hub, under their authors' licences. Models that we have not opened ourselves say so.
 */

import type { ModelConfig, PromptFormat, WeightFormat } from '../core/protocol.ts'
import { weightByteLength } from '../core/tensor-spec.ts'
import { tensorsOf } from '../rwkv/tensors.ts'
import { plainFormat, questionAnswerFormat, userAssistantFormat } from '../text/prompt-format.ts'

/** A model one can choose. */
export interface CatalogueEntry {
  readonly name: string
  /** What `loadModel` takes; the built-in model's is relative to the page. */
  readonly source: string
  /** To download. */
  readonly byteLength: number
  readonly license: string
  readonly config: ModelConfig
  /** What the weights are in their file. */
  readonly weights: WeightFormat
  readonly tokenizer: 'world' | 'bpe'
  readonly promptFormat: PromptFormat
  /** A sentence for people. */
  readonly about: string
  /** True where this project has loaded the file and spoken with it. */
  readonly isTried: boolean
}

const WORLD = 'hf:BlinkDL/rwkv-4-world'

const sizes = (L: number, C: number, V: number): ModelConfig => ({ version: 4, L, C, F: 4 * C, V })

const world = (size: string, file: string, byteLength: number, [L, C]: readonly [number, number]): CatalogueEntry => ({
  name: `RWKV-4 World ${size}`,
  source: `${WORLD}/${file}`,
  byteLength,
  license: 'Apache-2.0',
  config: sizes(L, C, 65_536),
  weights: 'bf16',
  tokenizer: 'world',
  promptFormat: questionAnswerFormat,
  about: `Chat in over a hundred languages; ${size} parameters, bf16.`,
  isTried: false,
})

const pile = (
  size: string,
  repository: string,
  byteLength: number,
  [L, C]: readonly [number, number],
): CatalogueEntry => ({
  name: `RWKV-4 Pile ${size}`,
  source: `hf:${repository}`,
  byteLength,
  license: 'not stated by its card',
  config: sizes(L, C, 50_277),
  weights: 'f32',
  tokenizer: 'bpe',
  promptFormat: plainFormat,
  about: `Continues English text, was not taught to chat; ${size} parameters, f32.`,
  isTried: false,
})

/** Smallest first within each family. */
export const catalogue: readonly CatalogueEntry[] = [
  {
    name: 'storyteller',
    source: 'models/storyteller/',
    byteLength: 8_933_824 + 60_683 + 474,
    license: 'Apache-2.0',
    config: sizes(6, 192, 4096),
    weights: 'f16',
    tokenizer: 'world',
    promptFormat: userAssistantFormat,
    about: 'Comes with the page: tells short stories, on any machine.',
    isTried: true,
  },
  world('0.1B', 'RWKV-4-World-0.1B-v1-20230520-ctx4096.pth', 386e6, [12, 768]),
  world('0.4B', 'RWKV-4-World-0.4B-v1-20230529-ctx4096.pth', 923e6, [24, 1024]),
  world('1.5B', 'RWKV-4-World-1.5B-v1-fixed-20230612-ctx4096.pth', 3.16e9, [24, 2048]),
  world('3B', 'RWKV-4-World-3B-v1-20230619-ctx4096.pth', 6.1e9, [32, 2560]),
  pile('169M', 'RWKV/rwkv-4-169m-pile', 677e6, [12, 768]),
  pile('430M', 'RWKV/rwkv-4-430m-pile', 1.72e9, [24, 1024]),
  pile('1.5B', 'RWKV/rwkv-4-1b5-pile', 6.06e9, [24, 2048]),
]

/** What the weights may be on the GPU, the largest first. */
export const weightFormats: readonly WeightFormat[] = ['f32', 'f16', 'bf16', 'q8', 'q4']

/** Bytes that a model's weights take on the GPU in `format`: as the engine counts them before it loads. */
export const weightByteLengthOf = (
  { config, weights }: Pick<CatalogueEntry, 'config' | 'weights'>,
  format: WeightFormat,
): number => weightByteLength(tensorsOf(config), format, weights)
