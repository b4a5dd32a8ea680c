/** @file A .pth of the shape of RWKV-4 169M in 16 bits, about 340 MB, made in parts that share their memory. */

import { tensorsOf } from '../../src/rwkv/tensors.ts'
import { type PthTensor, pthParts } from './pth-bytes.ts'

/** What 0.008 is in each. */
const SMALL = { BFloat16Storage: 0x3c00, HalfStorage: 0x2000 } as const

/** Its parts; weights are numbers of about ±0.008 that repeat. */
export function large169M(type: keyof typeof SMALL = 'BFloat16Storage'): Uint8Array[] {
  const sizes = { version: 4, L: 12, C: 768, F: 3072, V: 50_277 } as const
  const block = new Uint16Array(sizes.V * sizes.C)
  for (let i = 0; i < block.length; i++) block[i] = SMALL[type] | (((i * 2_654_435_761) >>> 23) & 0x80ff)
  const bytes = new Uint8Array(block.buffer)
  const tensors = Array.from(tensorsOf(sizes), ({ name, shape }): PthTensor => {
    const byteLength = 2 * shape.reduce((product, size) => product * size, 1)
    const stored = name.includes('time_mix') ? [1, 1, ...shape] : shape
    return { name, type, shape: stored, data: bytes.subarray(0, byteLength) }
  })
  return pthParts(tensors)
}
