/** @file Blocks of GGUF of made-up numbers, such that their values are of the size of weights. */

import { float32ToHalf } from '../../src/core/float16.ts'
import type { BlockFormat } from '../../src/core/protocol.ts'
import { GGUF_TYPES } from '../../src/file/gguf-blocks.ts'
import { HELD_BLOCKS } from '../../src/file/gguf-rows.ts'
import { dequantize } from './dequantize.ts'
import { randomArray } from './random-array.ts'

/** Where the f16s of a block are, and how large; everything else may be anything. */
const HALVES: Record<string, readonly (readonly [at: number, size: number])[]> = {
  Q4_0: [[0, 0.02]],
  Q5_0: [[0, 0.01]],
  Q8_0: [[0, 0.001]],
  IQ4_NL: [[0, 0.001]],
  Q4_1: [
    [0, 0.02],
    [2, -0.15],
  ],
  Q5_1: [
    [0, 0.01],
    [2, -0.15],
  ],
  Q4_K: [
    [0, 0.0005],
    [2, 0.004],
  ],
  Q5_K: [
    [0, 0.00025],
    [2, 0.004],
  ],
  Q6_K: [[208, 0.00008]], // denormal in f16 for many of these
}

/** `count` blocks of a type, always the same. */
export function randomBlocks(name: string, count: number, seed = 1): Uint8Array<ArrayBuffer> {
  const type = [...GGUF_TYPES.values()].find((one) => one.name === name)
  if (!type) throw new RangeError(`no type ${name}`)
  const bytes = Uint8Array.from(randomArray(seed, count * type.bytes), (value) => Math.floor((value + 1) * 128))
  const factors = randomArray(seed + 1, count)
  for (const [at, size] of HALVES[name])
    for (let block = 0; block < count; block++) {
      const bits = float32ToHalf(Float32Array.of(size * (1 + factors[block] / 2)))
      bytes.set(new Uint8Array(bits.buffer), block * type.bytes + at)
    }
  return bytes
}

/** Rows of such blocks as the codec `format` has them, and their values. */
export function randomRows(format: BlockFormat, rows: number, columns: number) {
  const [name = '', held] = [...HELD_BLOCKS].find(([, one]) => one.format === format) ?? []
  const { values = 1 } = [...GGUF_TYPES.values()].find((one) => one.name === name) ?? {}
  const blocks = randomBlocks(name, (rows * columns) / values)
  const bytes = held?.pack({ name, bytes: blocks, columns, factor: 1 }) ?? new Uint8Array()
  return { bytes, values: dequantize(bytes, format, columns) }
}
