/** @file What several versions compute alike in WebAssembly: counterparts of channel-mix.ts, and of the time-mix of RWKV-5 and 6. */

import { headSizeOf } from '../../core/tensor-spec.ts'
import { shiftMix, type WasmLayer } from '../../forward/wasm-version.ts'
import { activations } from '../../wasm/codes.ts'
import type { Address } from '../../wasm/kernels.ts'
import type { WasmMatrix } from '../../wasm/matrix.ts'
import { partOf } from '../../wasm/thread-pool.ts'
import type { ChannelMixScratch, ChannelMixWeights } from './channel-mix.ts'

/** x += sigmoid(r) ⊙ (Wv · relu(k)²); ffnX of the layer moves on. */
export function channelMix(
  parts: WasmLayer<{ readonly channelMix: ChannelMixWeights<Address, WasmMatrix> }, ChannelMixScratch<Address>>,
): void {
  const { config, weights, scratch, kernels, products, N } = parts
  const { C, F } = config
  const { normMix, keyReceptance, value } = weights.channelMix
  const { x, normed, mixed, hidden } = scratch
  const gate = hidden + F * 4
  const stride = (F + C) * 4
  shiftMix(parts, { normMix, mixes: 2, row: 1, mixed })
  const product = { matrix: keyReceptance, count: N, out: hidden }
  products.multiply({ ...product, input: mixed, to: F }, { ...product, input: mixed + N * C * 4, from: F })
  kernels.activate(activations.squaredRelu, hidden, N, F, stride)
  kernels.activate(activations.sigmoid, gate, N, C, stride)
  products.multiply({ matrix: value, input: hidden, inputStride: F + C, count: N, out: normed })
  kernels.addGated(x, normed, gate, stride, N, C)
}

/** What heads of RWKV-5 and 6 are computed with. Vectors are f32. */
export interface Heads {
  /** f32 (4, N, C), or (3, N, C) without a gate: inputs of key, value, receptance, gate. */
  readonly inputs: Address
  /** (4C, C), or (3C, C): one above the other. */
  readonly matrix: WasmMatrix
  /** f32 (2, C): decay, before what is added, and u. */
  readonly time: Address
  /** What is added to the decay: f32 (N, C) for each token, or (C) for all. */
  readonly added: { readonly at: Address; readonly isOfTokens: boolean }
  /** f32 (2, C): scale and bias of the group norm. */
  readonly norm: Address
  readonly output: WasmMatrix
}

/** Activations that they need, all f32. */
export interface HeadScratch {
  readonly mixed: Address //  (·, N, C)  free when products have been made of it
  readonly kvrg: Address //   (N, 4, C)
  readonly wkv: Address //    (N, C)
}

/** x += O · what the heads say; S of the layer moves on. */
export function heads(
  { config, scratch, kernels, share, products, N, entries, watched, onTracePoint }: WasmLayer<unknown, HeadScratch>,
  { inputs, matrix, time, added, norm, output }: Heads,
): void {
  const { C } = config
  const headSize = headSizeOf(config)
  const { x, normed, mixed, kvrg, wkv } = scratch
  const parts = matrix.rows / C
  const hasGate = parts === 4
  products.multiply(
    ...Array.from({ length: parts }, (_, part) => ({
      ...{ matrix, from: part * C, to: (part + 1) * C },
      ...{ input: inputs + part * N * C * 4, count: N, out: kvrg, outStride: 4 * C },
    })),
  )
  if (hasGate) kernels.activate(activations.silu, kvrg + 3 * C * 4, N, C, 4 * C * 4)
  share((own, part) => {
    const [from, to] = partOf(part, { from: 0, to: C / headSize, group: 1 })
    const room = mixed + part.index * 2 * headSize * 4
    for (const { firstRow, rows, state } of entries) {
      const at = firstRow * C * 4
      own.wkvHeads(
        ...([kvrg + 4 * at, rows, C, headSize, from, to, time] as const),
        ...([added.at + (added.isOfTokens ? at : 0), added.isOfTokens ? C * 4 : 0, norm, hasGate ? 1 : 0] as const),
        ...([state + 2 * C * 4, wkv + at, watched === undefined ? 0 : watched + at, room] as const),
      )
    }
  })
  onTracePoint()
  products.multiply({ matrix: output, input: wkv, count: N, out: normed })
  kernels.add(x, normed, N * C)
}
