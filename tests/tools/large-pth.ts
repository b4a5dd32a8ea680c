/** @file A .pth of the shape of RWKV-4 169M in bf16, about 340 MB, made in parts that share their memory. */

import { tensorsOf } from '../../src/rwkv/tensors.ts'
import { type PthTensor, pthParts } from './pth-bytes.ts'

/** Its parts; weights are small numbers that repeat. */
export function large169M(): Uint8Array[] {
  const sizes = { version: 4, L: 12, C: 768, F: 3072, V: 50_277 } as const
  const block = new Uint16Array(sizes.V * sizes.C)
  for (let i = 0; i < block.length; i++) block[i] = 0x3c00 | (((i * 2_654_435_761) >>> 23) & 0x80ff) // ±0.008 … 0.03 in bf16
  const bytes = new Uint8Array(block.buffer)
  const tensors = Array.from(tensorsOf(sizes), ({ name, shape }): PthTensor => {
    const byteLength = 2 * shape.reduce((product, size) => product * size, 1)
    const stored = name.includes('time_mix') ? [1, 1, ...shape] : shape
    return { name, type: 'BFloat16Storage', shape: stored, data: bytes.subarray(0, byteLength) }
  })
  return pthParts(tensors)
}
