/**
 * @file The RWKV-6 forward pass in float64 and without any cleverness: what the GPU must agree with. It is RWKV-5 whose
 * token shift and decay depend on the token.
 *
 * Letters: L layers, D width, H heads of N channels (D = H·N), F channel-mix width, V vocabulary. Matrices are (out, in),
 * row-major; those of the low-rank pairs (time_maa_w1, w2, time_decay_w1, w2) are (in, out).
 * Source: arXiv 2404.05892 (Finch) and BlinkDL's demos; checked against the golden set.
 */

import { layerNorm, times, type Vector, type Weights } from './rwkv4.ts'
import { channelMix, type LayerState5, recurrence, type Sizes5, silu, type Watch5 } from './rwkv5.ts'
import { groupNorm, intoOut } from './rwkv7.ts'

/** Inputs of time-mix, in the order in which `time_maa_w1` and `w2` have them. */
const INPUTS = ['w', 'k', 'v', 'r', 'g'] as const

export type Sizes6 = Omit<Sizes5, 'hasGate'>

/** The next logits (V) after `id`; `state` moves on. Without `wantLogits` the head is left out. */
export function forward6(
  w: Weights,
  sizes: Sizes6,
  state: LayerState5[],
  id: number,
  { wantLogits = true, watch }: { wantLogits?: boolean; watch?: Watch5 | undefined } = {},
): Float64Array {
  const { L, D } = sizes
  const norm = (x: Vector, name: string) => layerNorm(x, w(`${name}.weight`), w(`${name}.bias`))

  let x = norm(w('emb.weight').subarray(id * D, (id + 1) * D), 'blocks.0.ln0')
  for (let layer = 0; layer < L; layer++) {
    const tell = (name: string, value: Float64Array) => watch?.(layer, name, value)
    const block = (name: string) => w(`blocks.${layer}.${name}`)
    tell('x', x)
    x = add(x, timeMix(block, sizes, norm(x, `blocks.${layer}.ln1`), state[layer], tell))
    x = add(x, channelMix(ofThisToken(block), norm(x, `blocks.${layer}.ln2`), state[layer]))
  }
  return wantLogits ? times(w('head.weight'), norm(x, 'ln_out')) : new Float64Array(0)
}

function timeMix(
  w: Weights,
  { N }: Sizes6,
  h: Float64Array,
  layer: LayerState5,
  tell: (name: string, value: Float64Array) => void,
): Float64Array {
  const D = h.length
  const since = layer.attX.map((before, c) => before - h[c])
  layer.attX = h
  const shifted = (share: Vector) => h.map((value, c) => value + since[c] * share[c])

  // how much of the token before goes into each input
  const low = intoOut(w('att.time_maa_w1'), shifted(w('att.time_maa_x'))).map(Math.tanh)
  const rank = low.length / INPUTS.length
  const [xw, xk, xv, xr, xg] = INPUTS.map((letter, i) => {
    const second = w('att.time_maa_w2').subarray(i * rank * D, (i + 1) * rank * D)
    return shifted(add(w(`att.time_maa_${letter}`), intoOut(second, low.subarray(i * rank, (i + 1) * rank))))
  })

  const r = times(w('att.receptance.weight'), xr)
  const k = times(w('att.key.weight'), xk)
  const v = times(w('att.value.weight'), xv)
  const gate = times(w('att.gate.weight'), xg).map(silu)
  const lowDecay = intoOut(w('att.time_decay_w1'), xw).map(Math.tanh)
  const decay = add(w('att.time_decay'), intoOut(w('att.time_decay_w2'), lowDecay)).map((raw) =>
    Math.exp(-Math.exp(raw)),
  )
  const y = recurrence({ r, k, v, bonus: Float64Array.from(w('att.time_faaaa')), decay, s: layer.s, N })
  for (const [name, value] of Object.entries({ r, w: decay, k, v, y })) tell(name, value)

  const normed = groupNorm(y, w('att.ln_x.weight'), w('att.ln_x.bias'), N)
  return times(
    w('att.output.weight'),
    normed.map((value, c) => value * gate[c]),
  )
}

/** The mixes of channel-mix are stored as what the token before has of them; RWKV-5's as what this token has. */
const ofThisToken =
  (w: Weights): Weights =>
  (name) =>
    name.includes('time_mix_') ? w(name.replace('time_mix_', 'time_maa_')).map((share) => 1 - share) : w(name)

const add = (x: Vector, y: Float64Array) => y.map((value, c) => x[c] + value)
