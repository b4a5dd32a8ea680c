/**
 * @file A made-up model whose matrices every format holds value for value, for the self-test of models that mix formats:
 * 16 levels of a step, which differs from block to block and between the halves of a block.
 */

import { float32ToHalf } from '../core/float16.ts'
import { matrixSize, type TensorSpec } from '../core/tensor-spec.ts'
import { BLOCK, hasLevels, levelRow, levels, quantizedRow } from '../core/weight-layout.ts'
import type { Checkpoint, TensorEntry } from '../file/checkpoint.ts'
import type { HeldRows } from '../file/tensor.ts'
import { planned, type WeightPlan } from '../model/weight-plan.ts'

const UNIT = 2 ** -7

/** The model of `checkpoint`, F32, with all but exact matrices made coarse; those in blocks by `plan` can be had in these. */
export function coarseCheckpoint(checkpoint: Checkpoint, specs: readonly TensorSpec[], plan: WeightPlan): Checkpoint {
  const coarse = new Map(specs.filter(({ kind, isExact }) => kind === 'matrix' && !isExact).map((s) => [s.name, s]))
  const levelsIn = async (tensor: TensorEntry, at: number, byteLength: number) => {
    const bytes = await checkpoint.read(tensor, at, byteLength)
    const values = new Float32Array(bytes.buffer, bytes.byteOffset, byteLength / 4)
    const columns = tensor.shape.at(-1) as number
    return values.map((value, i) => levelOf(value, (at / 4 + i) % columns))
  }
  return {
    ...checkpoint,
    tensors: new Map(
      Array.from(checkpoint.tensors, ([name, tensor]) => {
        const spec = coarse.get(name)
        const held = spec && heldRows(spec, plan, (at, byteLength) => levelsIn(tensor, at, byteLength))
        return [name, held ? { ...tensor, held } : tensor]
      }),
    ),
    async read(tensor, at, byteLength) {
      if (!coarse.has(tensor.name)) return checkpoint.read(tensor, at, byteLength)
      const columns = tensor.shape.at(-1) as number
      const found = await levelsIn(tensor, at, byteLength)
      return new Uint8Array(found.map((level, i) => level * stepOf((at / 4 + i) % columns)).buffer)
    },
  }
}

/** In units, of a block of 32 columns. */
const stepsOf = (block: number) => 1 + (block % 3)
const stepOf = (column: number) => UNIT * stepsOf(Math.floor(column / BLOCK))

/** -8 … 7; in the second half of a block even ones. */
function levelOf(value: number, column: number): number {
  const fine = column % BLOCK < BLOCK / 2 ? 1 : 2
  return fine * Math.max(-8 / fine, Math.min(8 / fine - 1, Math.round(value / stepOf(column) / fine)))
}

function heldRows(
  spec: TensorSpec,
  plan: WeightPlan,
  levelsIn: (at: number, byteLength: number) => Promise<Float32Array>,
): HeldRows | undefined {
  const format = planned(plan, spec)
  if (format !== 'q8' && !hasLevels(format)) return undefined
  const [, columns] = matrixSize(spec)
  const length = format === 'q8' ? quantizedRow(format, columns).length : levelRow(format, columns).length
  return {
    format,
    async read(first, count) {
      const rows = await levelsIn(first * columns * 4, count * columns * 4)
      const words = new Uint32Array(count * length)
      for (let row = 0; row < count; row++) {
        const from = rows.subarray(row * columns, (row + 1) * columns)
        const to = words.subarray(row * length, (row + 1) * length)
        if (format === 'q8') writeQ8(from, to)
        else writeLevels(format, from, to)
      }
      return new Uint8Array(words.buffer)
    },
  }
}

/** Of a row, by the words of `core/weight-layout.ts` and `shaders/weights/q8.wgsl`. */
function writeQ8(row: Float32Array, words: Uint32Array): void {
  const { rest } = quantizedRow('q8', row.length)
  const bytes = new Uint8Array(words.buffer, words.byteOffset, rest * 4)
  for (let i = 0; i < bytes.length; i++) bytes[i] = (row[i] ?? 0) + (i % 4 < 3 ? 128 : 0)
  const scales = new Float32Array(words.buffer, words.byteOffset + rest * 4)
  for (let block = 0; block * BLOCK < row.length; block++) scales[block] = stepOf(block * BLOCK)
}

/** Of a row, by the words of `shaders/weights/levels.wgsl` and `shaders/levels/`. */
function writeLevels(format: keyof typeof levels, row: Float32Array, words: Uint32Array): void {
  const { upper, range } = levels[format]
  const { above, ranges, shared } = levelRow(format, row.length)
  const middle = 8 << upper
  const floats = new Float32Array(words.buffer, words.byteOffset)
  const add = (word: number, bits: number) => {
    words[word] = (words[word] as number) | bits
  }
  row.forEach((level, column) => {
    const [block, i] = [column >> 5, column & 31]
    const q = middle + (range === 'bytes' && i >= 16 ? level / 2 : level)
    add(block * 4 + ((i & 15) >> 2), (q & 15) << (8 * (i & 3) + (i & 16) / 4))
    if (upper === 1) add(above + block, (q >> 4) << (8 * (i & 3) + (i >> 2)))
    if (upper === 2) add(above + 2 * block + (i >> 4), (q >> 4) << (8 * (i & 3) + 2 * ((i >> 2) & 3)))
  })
  for (let block = 0; block * BLOCK < row.length; block++) {
    const steps = stepsOf(block)
    const [scale, offset] = float32ToHalf(Float32Array.of(UNIT * steps, -UNIT * steps * middle)) as unknown as number[]
    if (range === 'pairs') {
      words[ranges + block] = (scale as number) | ((offset as number) << 16)
      continue
    }
    const bytes = range === 'codes' ? [steps, steps * middle] : [128 + steps, 128 + 2 * steps]
    add(ranges + (block >> 1), ((bytes[0] as number) | ((bytes[1] as number) << 8)) << (16 * (block & 1)))
    if (block % 8 > 0) continue
    if (range === 'codes') floats.fill(UNIT, shared + block / 4, shared + block / 4 + 2)
    else floats[shared + block / 8] = UNIT
  }
}
