/** @file RWKV-7 in WebAssembly: what time-mix.ts and channel-mix.ts are on the GPU. */

import { headSizeOf } from '../../core/tensor-spec.ts'
import { shiftMix, type WasmLayer, wasmVersion } from '../../forward/wasm-version.ts'
import { activations } from '../../wasm/codes.ts'
import type { Address } from '../../wasm/kernels.ts'
import type { WasmMatrix } from '../../wasm/matrix.ts'
import type { Product } from '../../wasm/products.ts'
import { partOf } from '../../wasm/thread-pool.ts'
import { type Scratch, scratch } from './scratch.ts'
import { rankSum } from './tensors.ts'
import { type LowRank, type Weights, weights } from './weights.ts'

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
  const { config, layer, weights, scratch, kernels, share, products, N, entries, watched, onTracePoint } = parts
  const { C } = config
  const headSize = headSizeOf(config)
  const { normMix, vectors, output } = weights.timeMix
  const { x, normed, mixed, rkv, lowOut, first, wkv } = scratch
  shiftMix(parts, { normMix, mixes: 6, row: 0, mixed })
  products.multiply(...inputProducts(parts))
  lowRankOut(parts)
  share((own, part) => {
    const [from, to] = partOf(part, { from: 0, to: C / headSize, group: 1 })
    const room = mixed + part.index * 6 * headSize * 4 // mixed is free
    for (const { firstRow, rows, state } of entries) {
      const at = firstRow * C * 4
      own.wkv7(
        ...([rkv + 3 * at, lowOut + 4 * at, rows, C, headSize, from, to, vectors] as const),
        ...([state + 2 * C * 4, first + at, layer === 0 ? 1 : 0, wkv + at] as const),
        ...([watched === undefined ? 0 : watched + at, room] as const),
      )
    }
  })
  onTracePoint()
  products.multiply({ matrix: output, input: wkv, count: N, out: normed })
  kernels.add(x, normed, N * C)
}

/** r, k, v, and the first halves of the low-rank products of v, w, a, g, of which layer 0 has none for v. */
function inputProducts({ config: { C }, weights, scratch, N }: Layer): Product[] {
  const { rkv: matrix, lowRank } = weights.timeMix
  const { mixed, rkv, low } = scratch
  const inputAt = (place: number) => ({ input: mixed + place * N * C * 4, count: N })
  return [
    ...[0, 1, 2].map((part) => ({ ...inputAt(part), matrix, out: rkv, from: part * C, to: (part + 1) * C })),
    ...lowRanks(lowRank).map(({ place, from, to }) => ({
      ...inputAt(2 + place),
      ...{ matrix: lowRank.first, out: low, from, to },
    })),
  ]
}

/** The second halves, behind their activations. */
function lowRankOut({ config: { C }, weights, scratch, kernels, products, N }: Layer): void {
  const { lowRank } = weights.timeMix
  const { low, lowOut } = scratch
  const inputStride = rankSum(lowRank.ranks)
  const all = lowRanks(lowRank).map((each) => ({ ...each, input: low + each.from * 4 }))
  for (const { name, input, from, to } of all) {
    if (name === 'w') kernels.activate(activations.tanh, input, N, to - from, inputStride * 4)
    if (name === 'g') kernels.activate(activations.sigmoid, input, N, to - from, inputStride * 4)
  }
  products.sumRows(
    ...all.map(({ place, input, from, to }) => ({
      ...{ matrix: lowRank.second, input, inputStride, count: N, from, to },
      ...{ out: lowOut + place * C * 4, outStride: 4 * C },
    })),
  )
}

/** Where the ranks of each of them begin and end. */
function lowRanks({ ranks }: Pick<LowRank<WasmMatrix>, 'ranks'>) {
  let end = 0
  return (['v', 'w', 'a', 'g'] as const).map((name, place) => {
    const from = end
    end += ranks[name]
    return { name, place, from, to: end }
  })
}

/** x += Wv · relu(Wk · k)²; ffnX of the layer moves on. */
function channelMix(parts: Layer): void {
  const { config, weights, scratch, kernels, products, N } = parts
  const { C, F } = config
  const { normMix, key, value } = weights.channelMix
  const { x, normed, mixed, hidden } = scratch
  shiftMix(parts, { normMix, mixes: 1, row: 1, mixed })
  products.multiply({ matrix: key, input: mixed, count: N, out: hidden })
  kernels.activate(activations.squaredRelu, hidden, N, F, F * 4)
  products.multiply({ matrix: value, input: hidden, count: N, out: normed })
  kernels.add(x, normed, N * C)
}
