/**
 * @file The RWKV-4 forward pass once more, in float64 and without any cleverness: what the GPU must agree with.
 *
 * Letters: L layers, C channels, F channel-mix width, V vocabulary. Matrices are (out, in), row-major.
 * Source: arXiv 2305.13048 and the facts in the README's chapter on RWKV-4; checked against tests/golden.
 */

export type Vector = Float32Array | Float64Array

/** Looks a tensor up by its official name, such as `blocks.0.att.key.weight`. */
export type Weights = (name: string) => Vector

export interface Sizes {
  readonly L: number
  readonly C: number
  readonly F: number
  readonly V: number
}

/** What one layer remembers; each (C). */
export interface LayerState {
  attX: Float64Array
  ffnX: Float64Array
  aa: Float64Array
  bb: Float64Array
  pp: Float64Array
}

/** The state before any token. */
export function createOracleState({ L, C }: Sizes): LayerState[] {
  return Array.from({ length: L }, () => ({
    attX: new Float64Array(C),
    ffnX: new Float64Array(C),
    aa: new Float64Array(C),
    bb: new Float64Array(C),
    pp: new Float64Array(C).fill(-1e30),
  }))
}

/** Told what goes through a layer: its input `x`, and `r` (before the sigmoid), `k`, `v`, `wkv` of time-mix; each (C). */
export type Watch = (layer: number, name: string, value: Float64Array) => void

/** The next logits (V) after `id`; `state` moves on. Without `wantLogits` the head is left out. */
export function forward(
  w: Weights,
  sizes: Sizes,
  state: LayerState[],
  id: number,
  { wantLogits = true, watch }: { wantLogits?: boolean; watch?: Watch | undefined } = {},
): Float64Array {
  const { L, C } = sizes
  const norm = (x: Vector, name: string) => layerNorm(x, w(`${name}.weight`), w(`${name}.bias`))

  let x = norm(w('emb.weight').subarray(id * C, (id + 1) * C), 'blocks.0.ln0')
  for (let i = 0; i < L; i++) {
    watch?.(i, 'x', x)
    const tell = watch && ((name: string, value: Float64Array) => watch(i, name, value))
    x = add(x, timeMix(w, `blocks.${i}.att`, norm(x, `blocks.${i}.ln1`), state[i], tell))
    x = add(x, channelMix(w, `blocks.${i}.ffn`, norm(x, `blocks.${i}.ln2`), state[i]))
  }
  return wantLogits ? times(w('head.weight'), norm(x, 'ln_out')) : new Float64Array(0)
}

function timeMix(
  w: Weights,
  att: string,
  a: Float64Array,
  layer: LayerState,
  tell?: (name: string, value: Float64Array) => void,
): Float64Array {
  const k = times(w(`${att}.key.weight`), mix(a, layer.attX, w(`${att}.time_mix_k`)))
  const v = times(w(`${att}.value.weight`), mix(a, layer.attX, w(`${att}.time_mix_v`)))
  const r = times(w(`${att}.receptance.weight`), mix(a, layer.attX, w(`${att}.time_mix_r`)))
  const first = w(`${att}.time_first`)
  const decay = w(`${att}.time_decay`)
  const { aa, bb, pp } = layer
  layer.attX = a

  const wkv = a.map((_, c) => {
    // what this token sees: the sums so far, and itself with the bonus u
    const seen = Math.max(pp[c], first[c] + k[c])
    const past = Math.exp(pp[c] - seen)
    const now = Math.exp(first[c] + k[c] - seen)
    const mean = (past * aa[c] + now * v[c]) / (past * bb[c] + now)

    // what it leaves: the sums decay by w = -exp(decay), then k, v join
    const faded = pp[c] - Math.exp(decay[c])
    const most = Math.max(faded, k[c])
    aa[c] = Math.exp(faded - most) * aa[c] + Math.exp(k[c] - most) * v[c]
    bb[c] = Math.exp(faded - most) * bb[c] + Math.exp(k[c] - most)
    pp[c] = most
    return mean
  })
  for (const [name, value] of Object.entries({ r, k, v, wkv })) tell?.(name, value)
  return times(
    w(`${att}.output.weight`),
    wkv.map((value, c) => sigmoid(r[c]) * value),
  )
}

function channelMix(w: Weights, ffn: string, b: Float64Array, layer: LayerState): Float64Array {
  const k = times(w(`${ffn}.key.weight`), mix(b, layer.ffnX, w(`${ffn}.time_mix_k`)))
  const r = times(w(`${ffn}.receptance.weight`), mix(b, layer.ffnX, w(`${ffn}.time_mix_r`)))
  layer.ffnX = b
  const value = times(
    w(`${ffn}.value.weight`),
    k.map((key) => Math.max(key, 0) ** 2),
  )
  return value.map((v, c) => sigmoid(r[c]) * v)
}

/** (x - mean) / sqrt(variance + 1e-5) · scale + bias */
export function layerNorm(x: Vector, scale: Vector, bias: Vector): Float64Array {
  const wide = Float64Array.from(x)
  const mean = wide.reduce((sum, value) => sum + value, 0) / x.length
  const variance = wide.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length
  return wide.map((value, c) => ((value - mean) / Math.sqrt(variance + 1e-5)) * scale[c] + bias[c])
}

/** W·x for W (rows, x.length). */
export function times(matrix: Vector, x: Float64Array): Float64Array {
  const columns = x.length
  const product = new Float64Array(matrix.length / columns)
  for (let row = 0, at = 0; row < product.length; row++) {
    let even = 0
    let odd = 0
    for (let c = 0; c < columns; c += 2, at += 2) {
      even += matrix[at] * x[c]
      odd += matrix[at + 1] * x[c + 1]
    }
    product[row] = even + odd
  }
  return product
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))
const add = (x: Float64Array, y: Float64Array) => x.map((value, c) => value + y[c])
const mix = (a: Float64Array, before: Float64Array, m: Vector) =>
  a.map((value, c) => value * m[c] + before[c] * (1 - m[c]))
