/** @file Wrapper of `shaders/low-rank-out.wgsl`: the second halves of low-rank products, and what becomes of them. */

import mixCode from '../../shaders/low-rank/mix.wgsl?raw'
import storeCode from '../../shaders/low-rank/store.wgsl?raw'
import code from '../../shaders/low-rank-out.wgsl?raw'
import stepCode from '../../shaders/shared/step.wgsl?raw'
import type { Buffer } from '../gpu/buffer.ts'
import type { DispatchSpec } from '../gpu/dispatch-list.ts'
import type { Binding } from '../gpu/recorder.ts'
import type { LayerState } from './layer-state.ts'
import type { RowKernel } from './matmul.ts'
import { type Matrix, onlyPiece } from './matrix.ts'
import type { Preset } from './preset.ts'
import { type WeightCodec, weightParts } from './weight-codec.ts'

/** Second halves of low-rank products, one above the other, (ranks, C): (in, out). */
export interface SecondHalves {
  readonly buffer: Buffer
  readonly codec: WeightCodec
  /** Of each product; at most 8. */
  readonly ranks: readonly number[]
}

/** The products that `matrix` is the second half of, in one piece. */
export const secondHalves = (matrix: Matrix, ranks: readonly number[]): SecondHalves => ({
  ...onlyPiece(matrix),
  ranks,
})

/** Inputs of RWKV-6: where products are what a token adds to the mixes of its inputs. */
export interface MixedInputs {
  /** f32 (N, 2, C): the norm of a row, and that of the token before. */
  readonly shifted: Buffer
  /** f32 (products, C): what the token before has of each input. */
  readonly mixes: Buffer
  readonly rows: Binding
  readonly entries: Binding
  /** Its attX moves on. */
  readonly state: LayerState
  /** Rows of C numbers that a layer remembers. */
  readonly R: number
}

/** What `lowRankOut` takes. */
export interface LowRankOut {
  readonly preset: Preset
  readonly kernel: RowKernel
  readonly C: number
  readonly layer: number
  readonly second: SecondHalves
  /** Uniform: N. */
  readonly rowCount: Binding
  /** f32 (N, sum of ranks). */
  readonly low: Buffer
  /** f32 (N, products, C), or of inputs (products, N, C). */
  readonly out: Buffer
  /** Make inputs of the products. */
  readonly inputs?: MixedInputs
}

/** product[n, q] = low[n, ranks of q] · W[ranks of q, ·]; out is that, or the inputs that are mixed by it. */
export function lowRankOut(options: LowRankOut): DispatchSpec {
  const { preset, kernel, C, layer, second, rowCount, low, out, inputs } = options
  const { ranks, buffer, codec } = second
  const TOKENS = kernel === 'matvec' ? 1 : 8
  return {
    label: `low-rank-out ${layer}`,
    source: {
      label: inputs ? `low-rank-out.mix.${codec}` : `low-rank-out.${codec}`,
      parts: [
        ...weightParts(codec),
        ...(inputs ? [{ name: 'shared/step.wgsl', code: stepCode }] : []),
        inputs ? { name: 'low-rank/mix.wgsl', code: mixCode } : { name: 'low-rank/store.wgsl', code: storeCode },
        { name: 'low-rank-out.wgsl', code },
      ],
      bindings: [
        ...(['uniform', 'uniform', 'read', 'read', 'read_write'] as const),
        ...(inputs ? (['read', 'read', 'read', 'read', 'read_write'] as const) : []),
      ],
      constants: { WORKGROUP: preset.channelWorkgroup, PRODUCTS: ranks.length, TOKENS },
    },
    params: [...endsOf(ranks), inputs?.state.layer ?? 0, C, inputs?.state.layers ?? 0, inputs?.R ?? 0],
    bindings: [
      ...[rowCount, buffer, low, out],
      ...(inputs ? [inputs.shifted, inputs.mixes, inputs.rows, inputs.entries, inputs.state.buffer] : []),
    ],
    grid: (shape) => [Math.ceil(C / 4 / preset.channelWorkgroup), ranks.length, Math.ceil(shape.rows / TOKENS)],
  }
}

/** Where the ranks of each product end: 8 numbers. */
function endsOf(ranks: readonly number[]): number[] {
  let end = 0
  const ends = ranks.map((rank) => {
    end += rank
    return end
  })
  return [...ends, ...Array<number>(8 - ends.length).fill(end)]
}
