/**
 * @file The RWKV-5 forward pass (5.0, 5.1, 5.2) in float64 and without any cleverness: what the GPU must agree with.
 *
 * Letters: L layers, D width, H heads of N channels (D = H·N), F channel-mix width, V vocabulary, i a head's value channel,
 * j its key channel. Matrices are (out, in), row-major.
 * Source: arXiv 2404.05892 (Eagle) and BlinkDL's demos; checked against the golden set.
 */

import { layerNorm, times, type Vector, type Weights } from './rwkv4.ts'
import { groupNorm } from './rwkv7.ts'

export interface Sizes5 {
  readonly L: number
  readonly D: number
  /** Channels of a head. */
  readonly N: number
  /** 5.0 has none. */
  readonly hasGate: boolean
}

/** What one layer remembers. */
export interface LayerState5 {
  attX: Float64Array // (D)
  ffnX: Float64Array // (D)
  s: Float64Array //    (H, N, N): head, key channel j, value channel i
}

/** The state before any token: zeros. */
export function createOracleState5({ L, D, N }: Pick<Sizes5, 'L' | 'D' | 'N'>): LayerState5[] {
  return Array.from({ length: L }, () => ({
    attX: new Float64Array(D),
    ffnX: new Float64Array(D),
    s: new Float64Array(D * N),
  }))
}

/** Told what goes through a layer: its input `x`, then `r`, `k`, `v` and `y` (the recurrence's output); each (D). */
export type Watch5 = (layer: number, name: string, value: Float64Array) => void

/** The next logits (V) after `id`; `state` moves on. Without `wantLogits` the head is left out. */
export function forward5(
  w: Weights,
  sizes: Sizes5,
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
    x = add(x, channelMix(block, norm(x, `blocks.${layer}.ln2`), state[layer]))
  }
  return wantLogits ? times(w('head.weight'), norm(x, 'ln_out')) : new Float64Array(0)
}

function timeMix(
  w: Weights,
  { N, hasGate }: Sizes5,
  h: Float64Array,
  layer: LayerState5,
  tell: (name: string, value: Float64Array) => void,
): Float64Array {
  const product = (name: string, letter: string) =>
    times(w(`att.${name}.weight`), mix(h, layer.attX, w(`att.time_mix_${letter}`)))
  const r = product('receptance', 'r')
  const k = product('key', 'k')
  const v = product('value', 'v')
  const gate = hasGate ? product('gate', 'g').map(silu) : h.map(() => 1)
  layer.attX = h

  const bonus = ofChannels(w('att.time_faaaa'), h.length)
  const decay = ofChannels(w('att.time_decay'), h.length).map((raw) => Math.exp(-Math.exp(raw)))
  const y = recurrence({ r, k, v, bonus, decay, s: layer.s, N })
  for (const [name, value] of Object.entries({ r, k, v, y })) tell(name, value)

  const normed = groupNorm(y, w('att.ln_x.weight'), w('att.ln_x.bias'), N)
  return times(
    w('att.output.weight'),
    normed.map((value, c) => value * gate[c]),
  )
}

/** What each head says of the state as it was, and of this token with a bonus; then the state fades and takes the token in. */
export function recurrence({
  r,
  k,
  v,
  bonus,
  decay,
  s,
  N,
}: Readonly<Record<'r' | 'k' | 'v' | 'bonus' | 'decay' | 's', Float64Array>> & { readonly N: number }): Float64Array {
  const y = new Float64Array(r.length)
  for (let head = 0; head < r.length; head += N)
    for (let j = head; j < head + N; j++)
      for (let i = head; i < head + N; i++) {
        const at = j * N + i - head
        const now = k[j] * v[i]
        y[i] += r[j] * (bonus[j] * now + s[at])
        s[at] = decay[j] * s[at] + now
      }
  return y
}

/** Channel-mix with the mixes `time_mix_k` and `time_mix_r`, what this token has of them. */
export function channelMix(w: Weights, h: Float64Array, layer: { ffnX: Float64Array }): Float64Array {
  const k = times(w('ffn.key.weight'), mix(h, layer.ffnX, w('ffn.time_mix_k')))
  const r = times(w('ffn.receptance.weight'), mix(h, layer.ffnX, w('ffn.time_mix_r')))
  layer.ffnX = h
  const value = times(
    w('ffn.value.weight'),
    k.map((key) => Math.max(key, 0) ** 2),
  )
  return value.map((one, c) => one / (1 + Math.exp(-r[c])))
}

/** A number a channel: of 5.0 and 5.1 the file has one a head. */
const ofChannels = (values: Vector, D: number): Float64Array =>
  Float64Array.from({ length: D }, (_, c) => values[Math.floor((c * values.length) / D)])

export const silu = (x: number) => x / (1 + Math.exp(-x))
const add = (x: Float64Array, y: Float64Array) => x.map((value, c) => value + y[c])
const mix = (h: Float64Array, before: Float64Array, m: Vector) =>
  h.map((value, c) => value * m[c] + before[c] * (1 - m[c]))
