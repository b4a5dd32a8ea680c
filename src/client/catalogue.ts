/**
 * @file Models that are known to fit this runtime, for a page to offer. The built-in one comes first; the others are on the
 * Hub, under their authors' licences. Models that we have not opened ourselves say so.
 */

import type { LowRanks, ModelConfig, WeightFormat } from '../core/protocol.ts'
import { matrixFormat, weightByteLength } from '../core/tensor-spec.ts'
import { tensorsOf } from '../rwkv/tensors.ts'

/** A model one can choose. */
export interface CatalogueEntry {
  readonly name: string
  /**
   * What `loadModel` takes; the built-in model's is relative to the page. A repository alone holds several models, whose
   * names change: loading it gives the list to choose from.
   */
  readonly source: string
  /** To download. */
  readonly byteLength: number
  readonly license: string
  readonly config: ModelConfig
  /** What the weights are in their file. */
  readonly weights: WeightFormat
  /** What to load it with where memory or download time counts; absent: as in the file. */
  readonly recommended?: WeightFormat
  /** A sentence for people. */
  readonly about: string
  /** True where this project has loaded the file and spoken with it. */
  readonly isTried: boolean
}

const WORLD = 'hf:BlinkDL/rwkv-4-world'
const G1 = 'hf:BlinkDL/rwkv7-g1'

const sizes = (L: number, C: number, V: number): ModelConfig => ({ version: 4, L, C, F: 4 * C, V })

const g1 = (
  size: string,
  source: string,
  byteLength: number,
  [L, C]: readonly [number, number],
  ranks: LowRanks,
): CatalogueEntry => ({
  name: `RWKV-7 G1 ${size}`,
  source,
  byteLength,
  license: 'Apache-2.0',
  config: { version: 7, L, C, F: 4 * C, V: 65_536, headSize: 64, ranks },
  weights: 'bf16',
  recommended: 'q8',
  about:
    source === G1
      ? `Chat in over a hundred languages; ${size}, bf16. The newest files are renewed monthly: the page lists them to choose from.`
      : `Chat in over a hundred languages; ${size} parameters, bf16.`,
  isTried: false,
})

const world = (size: string, file: string, byteLength: number, [L, C]: readonly [number, number]): CatalogueEntry => ({
  name: `RWKV-4 World ${size}`,
  source: `${WORLD}/${file}`,
  byteLength,
  license: 'Apache-2.0',
  config: sizes(L, C, 65_536),
  weights: 'bf16',
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
  about: `Continues English text, was not taught to chat; ${size} parameters, f32.`,
  isTried: false,
})

/** Smallest first within each family, the newest family first. */
export const catalogue: readonly CatalogueEntry[] = [
  {
    name: 'storyteller',
    source: 'models/storyteller/',
    byteLength: 8_933_824 + 60_683 + 474,
    license: 'Apache-2.0',
    config: sizes(6, 192, 4096),
    weights: 'f16',
    about: 'Comes with the page: tells short stories, on any machine.',
    isTried: true,
  },
  g1('0.1B', `${G1}/rwkv7-g1d-0.1b-20260129-ctx8192.pth`, 382_223_725, [12, 768], { w: 64, a: 64, v: 32, g: 128 }),
  g1('0.4B', `${G1}/rwkv7-g1d-0.4b-20260210-ctx8192.pth`, 901_776_749, [24, 1024], { w: 64, a: 64, v: 32, g: 128 }),
  g1('1.5B and larger', G1, 3.06e9, [24, 2048], { w: 96, a: 96, v: 64, g: 256 }),
  {
    name: 'RWKV-6 World 1.6B and larger',
    source: 'hf:BlinkDL/rwkv-6-world',
    byteLength: 3.2e9,
    license: 'Apache-2.0',
    config: { version: 6, L: 24, C: 2048, F: 7168, V: 65_536, headSize: 64, ranks: { mix: 32, decay: 64 } },
    weights: 'bf16',
    recommended: 'q8',
    about: 'Chat in over a hundred languages; 1.6B parameters, bf16. The page lists the files to choose from.',
    isTried: false,
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

/**
 * Bytes that a model's weights take on the GPU in `format`: as the engine counts them before it loads.
 *
 * @example
 * ```ts
 * import { catalogue, weightByteLengthOf } from 'rwkv.js'
 *
 * const [storyteller] = catalogue
 * console.log(weightByteLengthOf(storyteller, 'q8') < storyteller.byteLength) // → true
 * ```
 */
export const weightByteLengthOf = (
  { config, weights }: Pick<CatalogueEntry, 'config' | 'weights'>,
  format: WeightFormat,
): number => weightByteLength(tensorsOf(config), (matrix) => matrixFormat(format, matrix, weights))
