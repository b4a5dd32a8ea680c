/** @file The weights of one layer of RWKV-7 on the GPU, and which tensor of the file goes where. */

import type { LowRanks, ModelConfig } from '../../core/protocol.ts'
import type { WeightTable } from '../../forward/architecture.ts'
import type { Buffer } from '../../gpu/buffer.ts'
import type { SecondHalves } from '../../kernels/low-rank-out.ts'
import { type Matrix, onlyPiece } from '../../kernels/matrix.ts'
import { ranksOf } from './tensors.ts'

/** Weights of a layer. Vectors are f32. */
export interface Weights {
  readonly timeMix: {
    readonly normMix: Buffer //          (8, C)      ln1 scale, ln1 bias, 1 - x of r k v w a g
    readonly rkv: Matrix //              (3C, C)     receptance, key, value, one above the other
    readonly lowRank: LowRank
    readonly vectors: Buffer //          (8, C)      w0 a0 v0 k_k k_a r_k, scale and bias of ln_x; no v0 in layer 0
    readonly output: Matrix //           (C, C)
  }
  readonly channelMix: {
    readonly normMix: Buffer //          (3, C)      ln2 scale, ln2 bias, 1 - x of k
    readonly key: Matrix //              (F, C)
    readonly value: Matrix //            (C, F)
  }
}

/** The low-rank products of v, w, a, g: x · first · second, with an activation between. */
export interface LowRank {
  readonly ranks: LowRanks
  readonly first: Matrix //         (ranks, C)  (out, in)
  readonly second: SecondHalves //  (ranks, C)  of v w a g
}

/** Mixes are stored as what the token before has of them; shift-mix takes what this token has. */
const ofThisToken = (stored: number): number => 1 - stored

/** Allocate the weights of `layer`. */
export function weights({ vectors, matrix }: WeightTable, config: ModelConfig, layer: number): Weights {
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
  const second = matrix(`${att}.low-rank-out`, C, half(2))
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
        second: { buffer: onlyPiece(second), codec: second.codec, ranks: [ranks.v, ranks.w, ranks.a, ranks.g] },
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
