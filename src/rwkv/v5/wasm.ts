/** @file RWKV-5 in WebAssembly: what time-mix.ts and channel-mix.ts are on the GPU. */

import { shiftMix, type WasmLayer, wasmVersion } from '../../forward/wasm-version.ts'
import type { Address } from '../../wasm/kernels.ts'
import type { WasmMatrix } from '../../wasm/matrix.ts'
import { channelMix, heads } from '../shared/wasm.ts'
import { type Scratch, scratch } from './scratch.ts'
import { inputsOf } from './tensors.ts'
import { type Weights, weights } from './weights.ts'

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
function timeMix(parts: WasmLayer<Weights<Address, WasmMatrix>, Scratch<Address>>): void {
  const { mixed } = parts.scratch
  const { normMix, products: matrix, time, decay, normOut: norm, output } = parts.weights.timeMix
  shiftMix(parts, { normMix, mixes: inputsOf(parts.config).length, row: 0, mixed })
  heads(parts, { inputs: mixed, matrix, time, added: { at: decay, isOfTokens: false }, norm, output })
}
