/**
 * @file The element types of GGUF, and the decoders of those whose values lie in blocks: a scale or two for 32 or 256
 * values of 4 to 8 bits. Every product of a block is exact in f32 and a sum is rounded once, so that the values are those
 * of ggml bit for bit. Source: the layouts of `block_…` in ggml-common.h; all types in ggml.h.
 */

import { halfToFloat32 } from '../core/float16.ts'

/** An element type: how many values a block has, and in how many bytes. */
export interface GgufType {
  readonly name: string
  readonly values: number
  readonly bytes: number
  /** Of types in blocks that are read: gives `blocks` whole blocks as f32. */
  readonly decode?: Decode
}

type Decode = (bytes: Uint8Array, blocks: number, target: Float32Array) => void

/** Value i of a block that begins at byte `at`, from its 4-bit numbers: 16 low nibbles, then 16 high ones. */
type Nibbles = (nibble: number, i: number, at: number) => number

const IQ4_NL = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113]

/** Types whose values are a scale, in front, times numbers that stand for nibbles, from byte `quants` of a block on. */
export const SCALED: ReadonlyMap<string, Scaled> = new Map([
  ['Q4_0', { quants: 2, size: 18, numbers: () => (nibble) => nibble - 8 }],
  ['Q5_0', { quants: 6, size: 22, numbers: (bytes) => (nibble, i, at) => nibble + 16 * fifth(bytes, at + 2, i) - 16 }],
  ['IQ4_NL', { quants: 2, size: 18, numbers: () => (nibble) => IQ4_NL[nibble] as number }],
])

interface Scaled {
  readonly quants: number
  /** Bytes of a block. */
  readonly size: number
  readonly numbers: (bytes: Uint8Array) => Nibbles
}

/** By the number that stands for the type in a file; numbers that are not here are no types. */
export const GGUF_TYPES: ReadonlyMap<number, GgufType> = new Map(
  (
    [
      [0, 'F32', 1, 4],
      [1, 'F16', 1, 2],
      [2, 'Q4_0', 32, 18, scaled('Q4_0')],
      [3, 'Q4_1', 32, 20, shifted(4, 20, () => (nibble) => nibble)],
      [6, 'Q5_0', 32, 22, scaled('Q5_0')],
      [7, 'Q5_1', 32, 24, shifted(8, 24, (bytes) => (nibble, i, at) => nibble + 16 * fifth(bytes, at + 4, i))],
      [8, 'Q8_0', 32, 34, decodeQ8],
      [9, 'Q8_1', 32, 36],
      [10, 'Q2_K', 256, 84],
      [11, 'Q3_K', 256, 110],
      [12, 'Q4_K', 256, 144, (bytes, blocks, target) => decodeQ45K(bytes, blocks, target, 144)],
      [13, 'Q5_K', 256, 176, (bytes, blocks, target) => decodeQ45K(bytes, blocks, target, 176)],
      [14, 'Q6_K', 256, 210, decodeQ6K],
      [15, 'Q8_K', 256, 292],
      [16, 'IQ2_XXS', 256, 66],
      [17, 'IQ2_XS', 256, 74],
      [18, 'IQ3_XXS', 256, 98],
      [19, 'IQ1_S', 256, 50],
      [20, 'IQ4_NL', 32, 18, scaled('IQ4_NL')],
      [21, 'IQ3_S', 256, 110],
      [22, 'IQ2_S', 256, 82],
      [23, 'IQ4_XS', 256, 136],
      [24, 'I8', 1, 1],
      [25, 'I16', 1, 2],
      [26, 'I32', 1, 4],
      [27, 'I64', 1, 8],
      [28, 'F64', 1, 8],
      [29, 'IQ1_M', 256, 56],
      [30, 'BF16', 1, 2],
      [34, 'TQ1_0', 256, 54],
      [35, 'TQ2_0', 256, 66],
      [39, 'MXFP4', 32, 17],
      [40, 'NVFP4', 64, 36],
      [41, 'Q1_0', 128, 18],
    ] satisfies readonly (readonly [number, string, number, number, Decode?])[]
  ).map(([id, name, values, bytes, decode]) => [id, { name, values, bytes, ...(decode && { decode }) }]),
)

/** The f16 at byte `at` of each block, as f32. */
export function halvesOf(
  bytes: Uint8Array,
  { blocks, size, at }: { blocks: number; size: number; at: number },
): Float32Array {
  const bits = new Uint16Array(blocks)
  for (let b = 0; b < blocks; b++) bits[b] = u16(bytes, b * size + at)
  return halfToFloat32(bits)
}

const u16 = (bytes: Uint8Array, at: number) => (bytes[at] as number) | ((bytes[at + 1] as number) << 8)
const signed = (byte: number) => (byte << 24) >> 24

/** Bit i of the 32 that begin at byte `at`. */
const fifth = (bytes: Uint8Array, at: number, i: number) => ((bytes[at + (i >> 3)] as number) >> (i & 7)) & 1

/** value = d · number, d first in the block. */
function scaled(name: string): Decode {
  return (bytes, blocks, target) => {
    const { quants, size, numbers } = SCALED.get(name) as Scaled
    const d = halvesOf(bytes, { blocks, size, at: 0 })
    eachNibble({ bytes, blocks, quants, size, number: numbers(bytes) }, (at, block, number) => {
      target[at] = (d[block] as number) * number
    })
  }
}

/** value = d · number + m, d and m first in the block. */
function shifted(quants: number, size: number, numbers: (bytes: Uint8Array) => Nibbles): Decode {
  return (bytes, blocks, target) => {
    const d = halvesOf(bytes, { blocks, size, at: 0 })
    const m = halvesOf(bytes, { blocks, size, at: 2 })
    eachNibble({ bytes, blocks, quants, size, number: numbers(bytes) }, (at, block, number) => {
      target[at] = (d[block] as number) * number + (m[block] as number)
    })
  }
}

interface EachNibble {
  readonly bytes: Uint8Array
  readonly blocks: number
  /** Where in a block its 16 bytes of numbers begin, and how many bytes a block has. */
  readonly quants: number
  readonly size: number
  readonly number: Nibbles
}

/** Hands each number of all blocks to `put`, with its place. */
export function eachNibble(
  { bytes, blocks, quants, size, number }: EachNibble,
  put: (at: number, block: number, number: number) => void,
): void {
  for (let block = 0; block < blocks; block++) {
    const at = block * size
    for (let i = 0; i < 16; i++) {
      const byte = bytes[at + quants + i] as number
      put(block * 32 + i, block, number(byte & 15, i, at))
      put(block * 32 + i + 16, block, number(byte >> 4, i + 16, at))
    }
  }
}

function decodeQ8(bytes: Uint8Array, blocks: number, target: Float32Array): void {
  const scales = halvesOf(bytes, { blocks, size: 34, at: 0 })
  for (let block = 0; block < blocks; block++) {
    const d = scales[block] as number
    const at = block * 34 + 2
    for (let i = 0; i < 32; i++) target[block * 32 + i] = d * signed(bytes[at + i] as number)
  }
}

/**
 * 8 groups of 32 values, each with a scale and a minimum of 6 bits: value = d · scale · number - dmin · minimum.
 * Block: d, dmin (f16), 12 bytes of scales; Q5_K: 32 bytes of fifth bits, bit g of byte i for value i of group g;
 * 128 bytes of nibbles, a byte for value i of an even group (low) and of the next one (high).
 */
function decodeQ45K(bytes: Uint8Array, blocks: number, target: Float32Array, size: 144 | 176): void {
  const ds = halvesOf(bytes, { blocks, size, at: 0 })
  const dmins = halvesOf(bytes, { blocks, size, at: 2 })
  const quants = size - 128
  for (let block = 0; block < blocks; block++) {
    const at = block * size
    for (let group = 0; group < 8; group++) {
      const [scale, minimum] = scaleAndMinimum(bytes, at + 4, group)
      const d = (ds[block] as number) * scale
      const m = (dmins[block] as number) * minimum
      const from = at + quants + (group >> 1) * 32
      const shift = (group & 1) * 4
      for (let i = 0; i < 32; i++) {
        const nibble = ((bytes[from + i] as number) >> shift) & 15
        const high = size === 176 ? (((bytes[at + 16 + i] as number) >> group) & 1) * 16 : 0
        target[block * 256 + group * 32 + i] = d * (nibble + high) - m
      }
    }
  }
}

/** Six bits each; those of groups 4 to 7 are a nibble, and the two upper bits of an earlier byte. */
export function scaleAndMinimum(
  bytes: Uint8Array,
  at: number,
  group: number,
): readonly [scale: number, minimum: number] {
  const byte = (i: number) => bytes[at + i] as number
  if (group < 4) return [byte(group) & 63, byte(group + 4) & 63]
  const nibbles = byte(group + 4)
  return [(nibbles & 15) | ((byte(group - 4) >> 6) << 4), (nibbles >> 4) | ((byte(group) >> 6) << 4)]
}

/**
 * 16 groups of 16 values: value = d · scale · (number - 32). Block: 128 bytes of low nibbles, 64 of upper two bits, 16
 * scales (i8), d (f16). A half of the block is 4 runs of 32 values; run r has the nibbles of bytes 32·(r mod 2) …, the
 * upper ones from run 2 on, and bits 2r of the 32 bytes of upper bits.
 */
function decodeQ6K(bytes: Uint8Array, blocks: number, target: Float32Array): void {
  const ds = halvesOf(bytes, { blocks, size: 210, at: 208 })
  for (let block = 0; block < blocks; block++) {
    const at = block * 210
    for (let run = 0; run < 8; run++) {
      const [half, r] = [run >> 2, run & 3]
      const low = at + half * 64 + (r & 1) * 32
      const high = at + 128 + half * 32
      for (let i = 0; i < 32; i++) {
        const nibble = ((bytes[low + i] as number) >> ((r >> 1) * 4)) & 15
        const number = nibble | ((((bytes[high + i] as number) >> (2 * r)) & 3) << 4)
        const scale = signed(bytes[at + 192 + run * 2 + (i >> 4)] as number)
        target[block * 256 + run * 32 + i] = (ds[block] as number) * scale * (number - 32)
      }
    }
  }
}
