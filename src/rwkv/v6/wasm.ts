/** @file RWKV-6 in WebAssembly: what time-mix.ts and channel-mix.ts are on the GPU. */

import { type WasmLayer, wasmVersion } from '../../forward/wasm-version.ts'
import { activations } from '../../wasm/codes.ts'
import type { Address } from '../../wasm/kernels.ts'
import type { WasmMatrix } from '../../wasm/matrix.ts'
import { channelMix, heads } from '../shared/wasm.ts'
import { type Scratch, scratch } from './scratch.ts'
import { INPUTS, ranksOf } from './tensors.ts'
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
  const { config, weights, scratch, kernels, products, N } = parts
  const { C } = config
  const { decay: rank } = ranksOf(config)
  const { keyValueReceptanceGate: matrix, decayIn, decayOut, time, normOut: norm, output } = weights.timeMix
  const { mixed, lowDecay, decay } = scratch
  const inputOf = (letter: string) => mixed + INPUTS.indexOf(letter) * N * C * 4
  mixInputs(parts)
  products.multiply({ matrix: decayIn, input: inputOf('w'), count: N, out: lowDecay })
  kernels.activate(activations.tanh, lowDecay, N, rank, rank * 4)
  const low = { input: lowDecay, inputStride: rank, count: N, from: 0, to: rank }
  products.sumRows({ ...low, matrix: decayOut, out: decay, outStride: C })
  heads(parts, { inputs: inputOf('k'), matrix, time, added: { at: decay, isOfTokens: true }, norm, output })
}

/** The inputs of time-mix, mixed with those of the token before by as much as the token says; attX of the layer moves on. */
function mixInputs({ config, weights, scratch, kernels, products, N, entries }: Layer): void {
  const { C } = config
  const { mix: rank } = ranksOf(config)
  const { normMix, mixIn, mixOut, mixes } = weights.timeMix
  const { x, normed, shifted, low, mixed } = scratch
  const parts = INPUTS.length
  const rowBytes = C * 4
  kernels.layerNorm(x, N, C, normMix, normed)
  for (const { firstRow, rows, state } of entries) {
    const at = firstRow * rowBytes
    kernels.shiftMix(normed + at, rows, C, normMix + 2 * rowBytes, 1, state, shifted + at, 0)
  }
  products.multiply({ matrix: mixIn, input: shifted, count: N, out: low })
  kernels.activate(activations.tanh, low, N, parts * rank, parts * rank * 4)
  products.sumRows(
    ...Array.from({ length: parts }, (_, part) => ({
      ...{ matrix: mixOut, from: part * rank, to: (part + 1) * rank },
      ...{ input: low + part * rank * 4, inputStride: parts * rank, count: N },
      ...{ out: mixed + part * N * rowBytes, outStride: C },
    })),
  )
  for (const { firstRow, rows, state } of entries) {
    const at = firstRow * rowBytes
    kernels.mixInputs(normed + at, rows, C, mixes, parts, state, mixed + at, N * rowBytes)
    kernels.storeShift(normed + at, rows, C, state)
  }
}
