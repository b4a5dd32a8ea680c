/**
 * @file Which RWKV a checkpoint is, by the names of its tensors: so that a version we cannot run yet is refused by its
 * name, and a file put together from two of them is noticed.
 */

import { RwkvError } from '../core/errors.ts'
import type { ModelConfig, PromptFormat, SamplingOptions } from '../core/protocol.ts'
import type { TensorSpec } from '../core/tensor-spec.ts'

/** What tells a version of RWKV from others, and what its models consist of. */
export interface ModelVersion {
  readonly version: ModelConfig['version']
  /** True for a tensor that only this version has, by its official name and shape. C: columns of the embedding. */
  readonly isMark: (tensor: NamedShape, C: number | undefined) => boolean
  /**
   * All sizes of a model; `shapeOf` gives the shape of a tensor for those that are not of every version, `isThere` whether
   * there is one at all.
   * @throws RwkvError `model/…`
   */
  readonly config: (
    sizes: Sizes,
    shapeOf: (name: string) => readonly number[],
    isThere: (name: string) => boolean,
  ) => ModelConfig
  /** Pairs of low-rank matrices, which some converters turn; absent where a version has none. */
  readonly lowRank?: LowRankNames
  /** Of files that hold a tuned start state; absent where there are none. */
  readonly tuned?: TunedNames
  /** How its models were taught to chat, by their names. */
  readonly families: readonly Family[]
  /** Every tensor of a model, in the order in which a token meets them. */
  readonly tensors: (config: ModelConfig) => Iterable<TensorSpec>
}

/** Low-rank matrices by their official names. */
export interface LowRankNames {
  readonly pattern: RegExp
  /** First ones of a pair, (C, rank) officially: as long as one is not square, it tells which way round all of them are. */
  readonly telling: readonly string[]
}

/** Where a tuned start state is: in which tensor of each block, and which rows of the state those numbers are. */
export interface TunedNames {
  readonly tensor: string
  /** A matrix a head, (key channel, value channel). */
  readonly row: string
}

/** Models that were taught to chat in one way. */
export interface Family {
  readonly name: string
  /** In the name of a file, of a folder or of a repository. */
  readonly pattern: RegExp
  readonly tokenizer: 'world' | 'bpe'
  readonly promptFormat: PromptFormat
  /** How they like to be sampled. */
  readonly sampling?: Partial<SamplingOptions>
  /** What a model with this tokenizer is taken for where no name says anything. */
  readonly isLikely?: true
}

/** A tensor's official name and its shape. */
export interface NamedShape {
  readonly name: string
  readonly shape: readonly number[]
}

/** Sizes that every version has. */
export type Sizes = Pick<ModelConfig, 'L' | 'C' | 'F' | 'V' | 'hasNormedEmbedding'>

/** Tensors that only these versions have, which are not run yet; official names. */
const MARKERS: readonly (readonly [version: string, pattern: RegExp])[] = [
  ['RWKV-8', /^blocks\.\d+\.(ffn\.enn|rosa|qkv\.(enn|emm))/],
  ['RWKV-7a or 7b', /^blocks\.\d+\.(ffn\.s_emb|(att\.)?qkv)/],
  ['RWKV-4a or 4b', /(^|\.)tiny_|\.time_mix_qq$|^head_[qk]\.|^copy_mask$|\.att\.(qq|kk|vv)\.weight$/],
]

/** Versions that are another one with something added. */
const EXTENDED = [
  ['RWKV-4a or 4b', 'RWKV-4'],
  ['RWKV-8', 'RWKV-7a or 7b'],
  ['RWKV-8', 'RWKV-7'],
  ['RWKV-7a or 7b', 'RWKV-7'],
] as const

/** What RWKV-5 introduced and later versions kept: says nothing beside the marker of a later one in the same block. */
const SHARED = /\.att\.(time_faaaa|gate\.weight|ln_x\.weight)$/

/** What `findVersion` looks at. */
export interface FindVersion<V extends ModelVersion> {
  readonly file: string
  /** Official name -> shape; of every tensor, readable or not. */
  readonly shapes: ReadonlyMap<string, readonly number[]>
  /** Those that are run; the first is what a checkpoint without any mark is taken for. */
  readonly versions: readonly V[]
}

/**
 * The version of a checkpoint.
 * @throws RwkvError `model/unsupported-version` naming the version and a tensor that shows it, `model/mixed-versions`.
 */
export function findVersion<V extends ModelVersion>({ file, shapes, versions }: FindVersion<V>): V {
  const evidence = new Map<string, string>()
  const shared: string[] = []
  const C = shapes.get('emb.weight')?.[1]
  for (const [name, shape] of shapes) {
    if (SHARED.test(name)) shared.push(name)
    else {
      const run = versions.find(({ isMark }) => isMark({ name, shape }, C))
      const version = run ? nameOf(run) : MARKERS.find(([, pattern]) => pattern.test(name))?.[0]
      if (version && !evidence.has(version)) evidence.set(version, name)
    }
  }
  const [sharedName] = shared
  const isLater = evidence.has('RWKV-6') || evidence.has('RWKV-7')
  if (sharedName && !isLater && !evidence.has('RWKV-5')) evidence.set('RWKV-5', sharedName)
  for (const [extended, version] of EXTENDED) if (evidence.has(extended)) evidence.delete(version)

  const [[found, name] = [], second] = evidence
  if (second) {
    throw new RwkvError(
      'model/mixed-versions',
      `${file} has tensors of ${found} (${name}) and of ${second[0]} (${second[1]}); expected one version. Take the model from its source again.`,
    )
  }
  const version = versions.find((one) => found === undefined || nameOf(one) === found)
  if (version) return version
  const run = versions.map(nameOf).join(' or ')
  throw new RwkvError(
    'model/unsupported-version',
    `${file} is ${found} (it has ${name}); expected ${run}, the versions this release runs. Take a model of one of them.`,
  )
}

const nameOf = ({ version }: ModelVersion) => `RWKV-${version}`
