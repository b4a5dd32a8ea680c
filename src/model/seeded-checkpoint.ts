/**
 * @file A made-up RWKV-4 model: every element is a pure function of the seed, the tensor and its place, so that any range
 * of any size of model can be had without the rest. For checking kernels, at load and in tests, and for benchmarks.
 */

import type { ModelConfig } from '../core/protocol.ts'
import type { Checkpoint, TensorEntry } from '../file/checkpoint.ts'
import { tensorsV4 } from './names-v4.ts'

/** Matrices hold multiples of this below 1/4, which every weight format and the f64 of an oracle hold exactly. */
const STEP = 2 ** -9
const MOST = 0.25

/**
 * The checkpoint, F32. Its tensors lie one after another from offset 0 in the order of `tensorsV4`. Activations neither
 * vanish nor explode, decays spread over the range that trained models have.
 */
export function createSeededCheckpoint(sizes: Omit<ModelConfig, 'version'>, seed: number): Checkpoint {
  const tensors = new Map<string, TensorEntry>()
  const streams = new Map<string, number>()
  let offset = 0
  for (const { name, shape } of tensorsV4(sizes)) {
    const byteLength = shape.reduce((product, size) => product * size, 4)
    streams.set(name, mix(seed + mix(tensors.size + 1)))
    tensors.set(name, { name, dtype: 'F32', shape, offset, byteLength })
    offset += byteLength
  }
  return {
    file: `seeded ${seed}`,
    byteLength: offset,
    tensors,
    unreadable: new Map(),
    async read({ name, shape }, byteOffset, byteLength) {
      const first = Math.floor(byteOffset / 4)
      const values = new Float32Array(Math.ceil((byteOffset + byteLength) / 4) - first)
      const element = distributionOf(name, shape)
      const stream = streams.get(name) ?? 0
      for (let i = 0; i < values.length; i++) values[i] = element(mix(stream + first + i) / 2 ** 31 - 1)
      return new Uint8Array(values.buffer, byteOffset - first * 4, byteLength)
    },
  }
}

/** From a number spread evenly over -1 … 1 to an element of the tensor. */
function distributionOf(name: string, shape: readonly number[]): (spread: number) => number {
  const [, columns] = shape
  if (columns !== undefined) {
    const most = Math.min(MOST, Math.sqrt(3 / columns)) // a row times unit noise has unit variance
    return (spread) => Math.round((spread * most) / STEP) * STEP
  }
  if (name.endsWith('time_decay')) return (spread) => 3 * spread - 2
  if (name.includes('time_mix')) return (spread) => (spread + 1) / 2
  if (name.endsWith('.weight')) return (spread) => 1 + spread / 10
  return (spread) => spread / 2 // time_first, biases
}

/** A u32 scrambled. Source: "lowbias32" of the hash prospector, nullprogram.com/blog/2018/07/31. */
function mix(value: number): number {
  let x = value >>> 0
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d)
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b)
  return (x ^ (x >>> 16)) >>> 0
}
