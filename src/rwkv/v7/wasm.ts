/** @file RWKV-7 in WebAssembly: what time-mix.ts and channel-mix.ts are on the GPU. */

import { headSizeOf } from '../../core/tensor-spec.ts'
import { shiftMix, type WasmLayer, wasmVersion } from '../../forward/wasm-version.ts'
import { type Address, activations } from '../../wasm/kernels.ts'
import type { WasmMatrix } from '../../wasm/matrix.ts'
import { type Scratch, scratch } from './scratch.ts'
import { rankSum } from './tensors.ts'
import { type Weights, weights } from './weights.ts'

type Layer = WasmLayer<Weights<Address, WasmMatrix>, Scratch<Address>>

/** As the runtime takes it. */
export const wasm = wasmVersion<Weights<Address, WasmMatrix>, Scratch<Address>>({
  weights,
  scratch,
  layer(parts) {
    timeMix(parts)
    channelMix(parts)
  },
})

/** x += O · (time-mix of LN(x)); attX and S of the layer move on. */
function timeMix(parts: Layer): void {
  const { config, layer, weights, scratch, kernels, products, N, entries, watched, onTracePoint } = parts
  const { C } = config
  const headSize = headSizeOf(config)
  const { normMix, rkv: matrices, vectors, output } = weights.timeMix
  const { x, normed, mixed, rkv, lowOut, first, wkv } = scratch
  shiftMix(parts, { normMix, mixes: 6, row: 0, mixed })
  for (const part of [0, 1, 2]) {
    const input = mixed + part * N * C * 4
    products.multiply(matrices, { input, count: N, out: rkv, from: part * C, to: (part + 1) * C })
  }
  lowRank(parts)
  for (const { firstRow, rows, state } of entries) {
    const at = firstRow * C * 4
    kernels.wkv7(
      ...([rkv + 3 * at, lowOut + 4 * at, rows, C, headSize, 0, C / headSize, vectors] as const),
      ...([state + 2 * C * 4, first + at, layer === 0 ? 1 : 0, wkv + at] as const),
      ...([watched === undefined ? 0 : watched + at, mixed] as const), // mixed is free
    )
  }
  onTracePoint()
  products.multiply(output, { input: wkv, count: N, out: normed })
  kernels.add(x, normed, N * C)
}

/** The low-rank products of v, w, a, g, of which layer 0 has none for v. */
function lowRank({ config: { C }, weights, scratch, kernels, products, N }: Layer): void {
  const { ranks, first, second } = weights.timeMix.lowRank
  const { mixed, low, lowOut } = scratch
  const stride = rankSum(ranks)
  let from = 0
  for (const [place, name] of (['v', 'w', 'a', 'g'] as const).entries()) {
    const rank = ranks[name]
    const out = low + from * 4
    products.multiply(first, { input: mixed + (2 + place) * N * C * 4, count: N, out: low, from, to: from + rank })
    if (name === 'w') kernels.activate(activations.tanh, out, N, rank, stride * 4)
    if (name === 'g') kernels.activate(activations.sigmoid, out, N, rank, stride * 4)
    const rows = { input: out, inputStride: stride, count: N, out: lowOut + place * C * 4, outStride: 4 * C }
    products.sumRows(second, { ...rows, from, to: from + rank })
    from += rank
  }
}

/** x += Wv · relu(Wk · k)²; ffnX of the layer moves on. */
function channelMix(parts: Layer): void {
  const { config, weights, scratch, kernels, products, N } = parts
  const { C, F } = config
  const { normMix, key, value } = weights.channelMix
  const { x, normed, mixed, hidden } = scratch
  shiftMix(parts, { normMix, mixes: 1, row: 1, mixed })
  products.multiply(key, { input: mixed, count: N, out: hidden })
  kernels.activate(activations.squaredRelu, hidden, N, F, F * 4)
  products.multiply(value, { input: hidden, count: N, out: normed })
  kernels.add(x, normed, N * C)
}
