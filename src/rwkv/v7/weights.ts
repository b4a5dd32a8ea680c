/** @file The weights of one layer of RWKV-7 in memory, and which tensor of the file goes where. */

import type { LowRanks, ModelConfig } from '../../core/protocol.ts'
import type { WeightTable } from '../../forward/layer-memory.ts'
import type { Buffer } from '../../gpu/buffer.ts'
import type { Matrix } from '../../kernels/matrix.ts'
import { ranksOf } from './tensors.ts'

/** Weights of a layer. Vectors are f32. `B` and `M`: what a backend keeps vectors and matrices as. */
export interface Weights<B = Buffer, M = Matrix> {
  readonly timeMix: {
    readonly normMix: B //          (8, C)      ln1 scale, ln1 bias, 1 - x of r k v w a g
    readonly rkv: M //              (3C, C)     receptance, key, value, one above the other
    readonly lowRank: LowRank<M>
    readonly vectors: B //          (8, C)      w0 a0 v0 k_k k_a r_k, scale and bias of ln_x; no v0 in layer 0
    readonly output: M //           (C, C)
  }
  readonly channelMix: {
    readonly normMix: B //          (3, C)      ln2 scale, ln2 bias, 1 - x of k
    readonly key: M //              (F, C)
    readonly value: M //            (C, F)
  }
}

/** The low-rank products of v, w, a, g: x · first · second, with an activation between. */
export interface LowRank<M = Matrix> {
  readonly ranks: LowRanks
  readonly first: M //   (ranks, C)  (out, in)
  readonly second: M //  (ranks, C)  (in, out)
}

/** Mixes are stored as what the token before has of them; shift-mix takes what this token has. */
const ofThisToken = (stored: number): number => 1 - stored

/** Allocate the weights of `layer`. */
export function weights<B, M>(
  { vectors, matrix }: WeightTable<B, M>,
  config: ModelConfig,
  layer: number,
): Weights<B, M> {
  const { C, F } = config
  const block = `blocks.${layer}`
  const att = `${block}.att`
  const ffn = `${block}.ffn`
  const mixes = (prefix: string, names: string) =>
    Array.from(names, (name) => [`${prefix}.x_${name}`, ofThisToken] as const)
  const ranks = ranksOf(config, layer)
  const half = (number: 1 | 2) =>
    (['v', 'w', 'a', 'g'] as const)
      .filter((name) => ranks[name] > 0)
      .map((name) => [`${att}.${name}${number}`, ranks[name]] as const)
  return {
    timeMix: {
      normMix: vectors(`${att}.norm-mix`, [`${block}.ln1.weight`, `${block}.ln1.bias`, ...mixes(att, 'rkvwag')]),
      rkv: matrix(`${att}.receptance-key-value`, C, [
        [`${att}.receptance.weight`, C],
        [`${att}.key.weight`, C],
        [`${att}.value.weight`, C],
      ]),
      lowRank: {
        ranks,
        first: matrix(`${att}.low-rank-in`, C, half(1)),
        second: matrix(`${att}.low-rank-out`, C, half(2)),
      },
      vectors: vectors(`${att}.vectors`, [
        `${att}.w0`,
        `${att}.a0`,
        layer === 0 ? undefined : `${att}.v0`,
        `${att}.k_k`,
        `${att}.k_a`,
        `${att}.r_k`,
        `${att}.ln_x.weight`,
        `${att}.ln_x.bias`,
      ]),
      output: matrix(`${att}.output`, C, [[`${att}.output.weight`, C]]),
    },
    channelMix: {
      normMix: vectors(`${ffn}.norm-mix`, [`${block}.ln2.weight`, `${block}.ln2.bias`, ...mixes(ffn, 'k')]),
      key: matrix(`${ffn}.key`, C, [[`${ffn}.key.weight`, F]]),
      value: matrix(`${ffn}.value`, F, [[`${ffn}.value.weight`, C]]),
    },
  }
}
