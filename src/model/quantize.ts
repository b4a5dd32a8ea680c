/**
 * @file Weights in few bits: blocks of 32 columns share what tells them from integers. The layout is that of
 * `core/weight-layout.ts`, the encodings are explained in `shaders/weights/`.
 */

import { BLOCK, type QuantFormat, quantizedRow } from '../core/weight-layout.ts'

/** Where the words of one block go. */
interface BlockPlace {
  readonly words: Uint32Array
  /** Of the quants, and of the rest. */
  readonly at: number
  readonly rest: number
}

const encoders: Record<QuantFormat, (values: Float32Array, place: BlockPlace) => void> = {
  q8: encodeQ8,
  q4: encodeQ4,
}

/**
 * Rows of `columns` finite weights, quantised.
 * - q8: off by at most half a scale, which is the largest magnitude of a block over 127; zeros stay zeros.
 * - q4: 16 levels from the least to the largest of a block but one weight, the outlier, which is kept as it is to 18 bits
 *   of its fraction (all there are of f16 and bf16); of levels so placed that the sum of squares of errors is small.
 */
export function quantize(format: QuantFormat, values: Float32Array, columns: number): Uint8Array<ArrayBuffer> {
  const { quants, extra, rest, length } = quantizedRow(format, columns)
  const words = new Uint32Array((values.length / columns) * length)
  const encode = encoders[format]
  for (let from = 0, start = 0; from < values.length; from += columns, start += length) {
    for (let block = 0; block * BLOCK < columns; block++) {
      const first = from + block * BLOCK
      const place = { words, at: start + block * quants, rest: start + rest + block * extra }
      encode(values.subarray(first, Math.min(first + BLOCK, from + columns)), place)
    }
  }
  return new Uint8Array(words.buffer)
}

const MOST_Q8 = 127

function encodeQ8(values: Float32Array, { words, at, rest }: BlockPlace): void {
  let most = 0
  for (const value of values) most = Math.max(most, Math.abs(value))
  scratch[0] = most / MOST_Q8
  words[rest] = scratchBits[0] as number
  const perScale = most > 0 ? MOST_Q8 / most : 0
  for (let i = 0; i < BLOCK; i++) {
    const field = i % 4
    const quant = Math.round((values[i] ?? 0) * perScale) + (field < 3 ? 128 : 0)
    words[at + (i >> 2)] = (words[at + (i >> 2)] as number) | ((quant & 255) << (8 * field))
  }
}

const MOST_Q4 = 15
const REFITS = 3

function encodeQ4(values: Float32Array, { words, at, rest }: BlockPlace): void {
  const outlier = outlierOf(values)
  let least = Number.POSITIVE_INFINITY
  let most = Number.NEGATIVE_INFINITY
  for (let i = 0; i < values.length; i++) {
    if (i === outlier) continue
    least = Math.min(least, values[i] as number)
    most = Math.max(most, values[i] as number)
  }
  let min = toBrain(least)
  let scale = toBrain((most - min) / MOST_Q4)
  for (let refit = 0; refit < REFITS && scale > 0; refit++) [scale, min] = refitted(values, outlier, [scale, min])

  for (let i = 0; i < BLOCK; i++) {
    const field = i % 8
    const isLevel = i < values.length && i !== outlier && scale > 0
    const quant = isLevel ? levelOf(values[i] as number, scale, min) : 0
    words[at + (i >> 3)] = (words[at + (i >> 3)] as number) | ((field < 7 ? quant : quant ^ 8) << (4 * field))
  }
  scratch.set([scale, min])
  words[rest] = (scratchBits[0] as number) | ((scratchBits[1] as number) >>> 16)
  scratch[0] = values[outlier] as number
  words[rest + 1] = roundTo(scratchBits[0] as number, 5) | outlier
}

/** The weight without which the others lie closest together: the largest or the least. */
function outlierOf(values: Float32Array): number {
  let [low, high] = [0, 0]
  for (let i = 1; i < values.length; i++) {
    if ((values[i] as number) < (values[low] as number)) low = i
    if ((values[i] as number) > (values[high] as number)) high = i
  }
  let [nextLow, nextHigh] = [values[high] as number, values[low] as number]
  for (let i = 0; i < values.length; i++) {
    if (i !== low) nextLow = Math.min(nextLow, values[i] as number)
    if (i !== high) nextHigh = Math.max(nextHigh, values[i] as number)
  }
  return nextLow - (values[low] as number) > (values[high] as number) - nextHigh ? low : high
}

function levelOf(value: number, scale: number, min: number): number {
  return Math.max(0, Math.min(MOST_Q4, Math.round((value - min) / scale)))
}

/** The line through the weights over the levels that they take now, by least squares. */
function refitted(values: Float32Array, outlier: number, [scale, min]: [number, number]): [number, number] {
  let [count, q, qq, v, qv] = [0, 0, 0, 0, 0]
  for (let i = 0; i < values.length; i++) {
    if (i === outlier) continue
    const value = values[i] as number
    const level = levelOf(value, scale, min)
    count += 1
    q += level
    qq += level * level
    v += value
    qv += level * value
  }
  const spread = count * qq - q * q
  const slope = toBrain((count * qv - q * v) / spread)
  return spread > 0 && slope > 0 ? [slope, toBrain((v - slope * q) / count)] : [scale, min]
}

const scratch = new Float32Array(2)
const scratchBits = new Uint32Array(scratch.buffer)

/** The nearest number whose lower half of bits is zero. */
function toBrain(value: number): number {
  scratch[0] = value
  scratchBits[0] = roundTo(scratchBits[0] as number, 16)
  return scratch[0] as number
}

/** f32 bits without the last `count`, which are rounded off; what would become infinite is cut off. */
function roundTo(bits: number, count: number): number {
  const kept = -(2 ** count)
  const rounded = (bits + 2 ** (count - 1)) & kept
  return ((rounded & 0x7f800000) === 0x7f800000 ? bits & kept : rounded) >>> 0
}
