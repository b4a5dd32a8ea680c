/** @file RWKV-4 in WebAssembly: what time-mix.ts and channel-mix.ts are on the GPU. */

import { shiftMix, type WasmLayer, wasmVersion } from '../../forward/wasm-version.ts'
import type { Address } from '../../wasm/kernels.ts'
import type { WasmMatrix } from '../../wasm/matrix.ts'
import { channelMix } from '../shared/wasm.ts'
import { type Scratch, scratch } from './scratch.ts'
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

/** x += Wo · (sigmoid(r) ⊙ wkv(k, v)); attX, aa, bb, pp of the layer move on. */
function timeMix(parts: Layer): void {
  const { config, weights, scratch, kernels, products, N, entries, watched, onTracePoint } = parts
  const { C } = config
  const { normMix, keyValueReceptance, time, output } = weights.timeMix
  const { x, normed, mixed, kvr, wkv } = scratch
  shiftMix(parts, { normMix, mixes: 3, row: 0, mixed })
  products.multiply(
    ...[0, 1, 2].map((part) => ({
      ...{ matrix: keyValueReceptance, from: part * C, to: (part + 1) * C },
      ...{ input: mixed + part * N * C * 4, count: N, out: kvr },
    })),
  )
  for (const { firstRow, rows, state } of entries) {
    const at = firstRow * C * 4
    kernels.wkv4(kvr + 3 * at, rows, C, time, state + 2 * C * 4, wkv + at, watched === undefined ? 0 : watched + at)
  }
  onTracePoint()
  products.multiply({ matrix: output, input: wkv, count: N, out: normed })
  kernels.add(x, normed, N * C)
}
