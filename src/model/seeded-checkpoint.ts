/**
 * @file A made-up model: every element is a pure function of the seed, the tensor and its place, so that any range of any
 * size of model can be had without the rest. For checking kernels, at load and in tests, and for benchmarks.
 */

import { matrixSize, type TensorSpec } from '../core/tensor-spec.ts'
import type { Checkpoint, TensorEntry } from '../file/checkpoint.ts'

/** Matrices hold multiples of this below 1/4, which every weight format and the f64 of an oracle hold exactly. */
const STEP = 2 ** -9
const MOST = 0.25

/** The checkpoint, F32. Its tensors lie one after another from offset 0 in the order of `specs`. */
export function createSeededCheckpoint(specs: Iterable<TensorSpec>, seed: number): Checkpoint {
  const tensors = new Map<string, TensorEntry>()
  const made = new Map<string, { readonly stream: number; readonly element: (spread: number) => number }>()
  let offset = 0
  for (const spec of specs) {
    const { name, shape } = spec
    const byteLength = shape.reduce((product, size) => product * size, 4)
    made.set(name, { stream: mix(seed + mix(tensors.size + 1)), element: distributionOf(spec) })
    tensors.set(name, { name, dtype: 'F32', shape, offset, byteLength })
    offset += byteLength
  }
  return {
    file: `seeded ${seed}`,
    byteLength: offset,
    tensors,
    unreadable: new Map(),
    async read({ name }, byteOffset, byteLength) {
      const first = Math.floor(byteOffset / 4)
      const values = new Float32Array(Math.ceil((byteOffset + byteLength) / 4) - first)
      const { stream = 0, element = () => 0 } = made.get(name) ?? {}
      for (let i = 0; i < values.length; i++) values[i] = element(mix(stream + first + i) / 2 ** 31 - 1)
      return new Uint8Array(values.buffer, byteOffset - first * 4, byteLength)
    },
  }
}

/** From a number spread evenly over -1 … 1 to an element of the tensor, such that activations neither vanish nor explode. */
function distributionOf(spec: TensorSpec): (spread: number) => number {
  if (spec.kind === 'vector') {
    const [middle, most] = spec.seeded ?? [0, 0.5]
    return (spread) => middle + most * spread
  }
  const [, columns] = matrixSize(spec)
  const most = Math.min(MOST, Math.sqrt(3 / columns)) // a row times unit noise has unit variance
  return (spread) => Math.round((spread * most) / STEP) * STEP
}

/** A u32 scrambled. Source: "lowbias32" of the hash prospector, nullprogram.com/blog/2018/07/31. */
function mix(value: number): number {
  let x = value >>> 0
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d)
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b)
  return (x ^ (x >>> 16)) >>> 0
}
