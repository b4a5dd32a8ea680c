/**
 * @file The RWKV-7 forward pass in float64 and without any cleverness: what the GPU must agree with. RWKV-4's is rwkv4.ts.
 *
 * Letters: L layers, D width, H heads of N channels (D = H·N), F channel-mix width, V vocabulary, i a head's value channel,
 * j its key channel. Matrices are (out, in), row-major; those of the low-rank pairs, such as w1 and w2, are (in, out).
 * Source: arXiv 2503.14456 and BlinkDL's rwkv_v7_numpy.py; checked against the golden set.
 */

import { layerNorm, times, type Vector, type Weights } from './rwkv4.ts'

export interface Sizes7 {
  readonly L: number
  readonly D: number
  /** Channels of a head: the second axis of `r_k`. */
  readonly N: number
}

/** What one layer remembers. */
export interface LayerState7 {
  attX: Float64Array // (D)
  ffnX: Float64Array // (D)
  s: Float64Array //    (H, N, N): head, value channel i, key channel j
}

/** The state before any token: zeros. */
export function createOracleState7({ L, D, N }: Sizes7): LayerState7[] {
  return Array.from({ length: L }, () => ({
    attX: new Float64Array(D),
    ffnX: new Float64Array(D),
    s: new Float64Array(D * N),
  }))
}

/** Told what goes through a layer: its input `x`, then `r` `w` `k` `v` `a` `g` and `y` (the recurrence's output); each (D). */
export type Watch7 = (layer: number, name: string, value: Float64Array) => void

/** The next logits (V) after `id`; `state` moves on. Without `wantLogits` the head is left out. */
export function forward7(
  w: Weights,
  sizes: Sizes7,
  state: LayerState7[],
  id: number,
  { wantLogits = true, watch }: { wantLogits?: boolean; watch?: Watch7 | undefined } = {},
): Float64Array {
  const { L, D } = sizes
  const norm = (x: Vector, name: string) => layerNorm(x, w(`${name}.weight`), w(`${name}.bias`))
  const carried: { vFirst?: Float64Array } = {} // layer 0 leaves its values for the layers above

  let x = norm(w('emb.weight').subarray(id * D, (id + 1) * D), 'blocks.0.ln0')
  for (let layer = 0; layer < L; layer++) {
    const tell = (name: string, value: Float64Array) => watch?.(layer, name, value)
    const block = (name: string) => w(`blocks.${layer}.${name}`)
    tell('x', x)
    x = add(x, timeMix(block, sizes, norm(x, `blocks.${layer}.ln1`), state[layer], carried, tell))
    x = add(x, channelMix(block, norm(x, `blocks.${layer}.ln2`), state[layer]))
  }
  return wantLogits ? times(w('head.weight'), norm(x, 'ln_out')) : new Float64Array(0)
}

function timeMix(
  w: Weights,
  { N }: Sizes7,
  h: Float64Array,
  layer: LayerState7,
  carried: { vFirst?: Float64Array },
  tell: (name: string, value: Float64Array) => void,
): Float64Array {
  const mixed = (name: string) => mix(h, layer.attX, w(`att.x_${name}`))
  const lowRank = (input: Float64Array, name: string, between: (value: number) => number = (value) => value) =>
    intoOut(w(`att.${name}2`), intoOut(w(`att.${name}1`), input).map(between))

  const r = times(w('att.receptance.weight'), mixed('r'))
  const key = times(w('att.key.weight'), mixed('k'))
  let v = times(w('att.value.weight'), mixed('v'))
  const decay = add(w('att.w0'), lowRank(mixed('w'), 'w', Math.tanh)).map((value) =>
    Math.exp(-Math.exp(-0.5) * sigmoid(value)),
  )
  const a = add(w('att.a0'), lowRank(mixed('a'), 'a')).map(sigmoid) // how much of the key's old value is taken out
  const gate = lowRank(mixed('g'), 'g', sigmoid)
  if (carried.vFirst) {
    const share = add(w('att.v0'), lowRank(mixed('v'), 'v')).map(sigmoid)
    const first = carried.vFirst
    v = v.map((value, c) => value + (first[c] - value) * share[c])
  } else carried.vFirst = v
  layer.attX = h

  const removed = normalizeHeads(times1(key, w('att.k_k')), N)
  const changed = w('att.k_a')
  const k = key.map((value, c) => value * (1 + (a[c] - 1) * changed[c]))
  const y = new Float64Array(h.length)
  for (let head = 0; head < h.length; head += N)
    for (let i = 0; i < N; i++) {
      const row = layer.s.subarray((head + i) * N, (head + i + 1) * N)
      let old = 0 // what the state holds under the key that is removed
      for (let j = 0; j < N; j++) old += row[j] * removed[head + j]
      for (let j = 0; j < N; j++) {
        const c = head + j
        row[j] = row[j] * decay[c] - old * removed[c] * a[c] + v[head + i] * k[c]
        y[head + i] += row[j] * r[c]
      }
    }
  for (const [name, value] of Object.entries({ r, w: decay, k, v, a, g: gate, y })) tell(name, value)

  const normed = groupNorm(y, w('att.ln_x.weight'), w('att.ln_x.bias'), N)
  const bonus = headSums(times1(times1(r, k), w('att.r_k')), N)
  return times(
    w('att.output.weight'),
    normed.map((value, c) => (value + bonus[c] * v[c]) * gate[c]),
  )
}

function channelMix(w: Weights, h: Float64Array, layer: LayerState7): Float64Array {
  const key = times(w('ffn.key.weight'), mix(h, layer.ffnX, w('ffn.x_k')))
  layer.ffnX = h
  return times(
    w('ffn.value.weight'),
    key.map((value) => Math.max(value, 0) ** 2),
  )
}

/** x·M for M (x.length, columns). */
export function intoOut(matrix: Vector, x: Float64Array): Float64Array {
  const columns = matrix.length / x.length
  const product = new Float64Array(columns)
  for (let row = 0, at = 0; row < x.length; row++) {
    const value = x[row]
    for (let c = 0; c < columns; c++, at++) product[c] += value * matrix[at]
  }
  return product
}

/** Each head divided by its length, where that is not 0. */
function normalizeHeads(x: Float64Array, N: number): Float64Array {
  const squares = headSums(times1(x, x), N)
  return x.map((value, c) => value / Math.max(Math.sqrt(squares[c]), 1e-12))
}

/** A layer norm in each head; epsilon is 64e-5 whatever N. */
export function groupNorm(x: Float64Array, scale: Vector, bias: Vector, N: number): Float64Array {
  const mean = headSums(x, N).map((sum) => sum / N)
  const centred = x.map((value, c) => value - mean[c])
  const variance = headSums(times1(centred, centred), N).map((sum) => sum / N)
  return centred.map((value, c) => (value / Math.sqrt(variance[c] + 64e-5)) * scale[c] + bias[c])
}

/** In each channel, the sum over its head. */
function headSums(x: Float64Array, N: number): Float64Array {
  const sums = new Float64Array(x.length)
  for (let head = 0; head < x.length; head += N) {
    let sum = 0
    for (let i = 0; i < N; i++) sum += x[head + i]
    sums.fill(sum, head, head + N)
  }
  return sums
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))
const add = (x: Vector, y: Float64Array) => y.map((value, c) => x[c] + value)
const times1 = (x: Float64Array, y: Vector) => x.map((value, c) => value * y[c])
const mix = (h: Float64Array, before: Float64Array, m: Vector) =>
  h.map((value, c) => value + (before[c] - value) * m[c])
