/**
 * @file A .pth of the shape of RWKV-7 0.1B or 0.4B in bf16, 382 or 902 MB, made in parts that share their memory, and the
 * same weights for the oracle. Block 0 has the low-rank v that published files have and nothing reads: of NaN, so that nothing
 * may.
 */

import { bfloat16ToFloat32, float32ToBfloat16 } from '../../src/core/float16.ts'
import type { ModelConfig } from '../../src/core/protocol.ts'
import { tensorsOf } from '../../src/rwkv/tensors.ts'
import { createOracleState7, forward7 } from '../oracle/rwkv7.ts'
import { type PthTensor, pthParts } from './pth-bytes.ts'

const ranks = { v: 32, w: 64, a: 64, g: 128 }
const sizesOf = (L: number, C: number) =>
  ({ version: 7, L, C, F: 4 * C, V: 65_536, headSize: 64, ranks }) satisfies ModelConfig
/** The shapes. */
export const shapes = { '0.1B': sizesOf(12, 768), '0.4B': sizesOf(24, 1024) } as const
type Sizes = (typeof shapes)[keyof typeof shapes]

const SALT = 1 // no two best ids of what tests ask are nearer than 1e-3
const OFFSET = 4099 // elements from the start of one matrix to that of the next

const scrambled = (value: number) => {
  const x = Math.imul(value ^ (value >>> 16), 0x7feb352d)
  return Math.imul(x ^ (x >>> 15), 0x846ca68b) >>> 0
}

const lengthOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1)

/** Its weights, bf16: every matrix is a part of one list of numbers, each begins elsewhere. */
function weightsOf(
  sizes: Sizes,
): ReadonlyMap<string, { readonly shape: readonly number[]; readonly values: Uint16Array }> {
  const specs = [...tensorsOf(sizes)]
  const numbers = new Uint16Array(sizes.V * sizes.C + specs.length * OFFSET)
  for (let i = 0; i < numbers.length; i++) numbers[i] = 0x3c00 | (scrambled(i + SALT) & 0x80ff) // ±0.008 … 0.03
  const made = new Map<string, { readonly shape: readonly number[]; readonly values: Uint16Array }>()
  for (const [place, { name, shape, kind, seeded: [middle, spread] = [0, 0.5] }] of specs.entries()) {
    const length = lengthOf(shape)
    const values =
      kind === 'matrix'
        ? numbers.subarray(place * OFFSET, place * OFFSET + length)
        : float32ToBfloat16(
            Float32Array.from({ length }, (_, i) => middle + spread * (scrambled(i + place * 7919) / 2 ** 31 - 1)),
          )
    made.set(name, { shape, values })
  }
  return made
}

/** The file in parts, and what its model says after `prompt`, greedily. */
export function large7(sizes: Sizes): {
  readonly parts: Uint8Array[]
  readonly greedy: (prompt: readonly number[]) => Greedy
} {
  const all = weightsOf(sizes)
  const tensor = (
    name: string,
    shape: readonly number[],
    { buffer, byteOffset, byteLength }: Uint16Array,
  ): PthTensor => ({
    name,
    type: 'BFloat16Storage',
    shape: /\.(x_.|[wav]0|k_[ka])$/.test(name) ? [1, 1, ...shape] : shape,
    data: new Uint8Array(buffer, byteOffset, byteLength),
  })
  const unread = Object.entries({ v0: [sizes.C], v1: [sizes.C, ranks.v], v2: [ranks.v, sizes.C] }).map(
    ([name, shape]) => tensor(`blocks.0.att.${name}`, shape, new Uint16Array(lengthOf(shape)).fill(0x7fc0)),
  )
  const tensors = Array.from(all, ([name, { shape, values }]) => tensor(name, shape, values))
  return { parts: pthParts([...tensors, ...unread]), greedy: (prompt) => greedyIds(sizes, all, prompt) }
}

/** What an oracle says, and the least difference between the best logit and the next. */
export interface Greedy {
  readonly ids: readonly number[]
  readonly margin: number
}

function greedyIds(sizes: Sizes, all: ReturnType<typeof weightsOf>, prompt: readonly number[], count = 8): Greedy {
  const floats = new Map<string, Float32Array>()
  const weight = (name: string): Float32Array => {
    const known = floats.get(name) ?? bfloat16ToFloat32((all.get(name) as { values: Uint16Array }).values)
    floats.set(name, known)
    return known
  }
  const oracle = { L: sizes.L, D: sizes.C, N: sizes.headSize }
  const state = createOracleState7(oracle)
  let logits: Float64Array = new Float64Array(0)
  for (const [i, id] of prompt.entries())
    logits = forward7(weight, oracle, state, id, { wantLogits: i === prompt.length - 1 })
  const ids: number[] = []
  let margin = Infinity
  while (ids.length < count) {
    let [best, next] = [0, -1]
    for (let id = 1; id < logits.length; id++) {
      if (logits[id] > logits[best]) [best, next] = [id, best]
      else if (next < 0 || logits[id] > logits[next]) next = id
    }
    margin = Math.min(margin, logits[best] - logits[next])
    ids.push(best)
    logits = forward7(weight, oracle, state, best)
  }
  return { ids, margin }
}
