/** @file What quantised weights stand for, by the words of `core/weight-layout.ts` and `shaders/weights/`, for the oracle. */

import { halfToFloat32 } from '../../src/core/float16.ts'
import type { WeightFormat } from '../../src/core/protocol.ts'
import { matrixFormat } from '../../src/core/tensor-spec.ts'
import { type HeldFormat, isQuantized, rowByteLength } from '../../src/core/weight-layout.ts'
import { type Checkpoint, readTensor } from '../../src/file/checkpoint.ts'
import { inferConfig } from '../../src/model/config.ts'
import { encodeWeights, formatOf } from '../../src/model/prepare.ts'
import { architectures } from '../../src/rwkv/index.ts'

/** Rows of `columns` weights in any format, as f32. */
export function dequantize(bytes: Uint8Array, format: HeldFormat, columns: number): Float32Array<ArrayBuffer> {
  if (!isQuantized(format)) {
    const dtype = ({ f32: 'F32', f16: 'F16', bf16: 'BF16' } as const)[format]
    return new Float32Array(encodeWeights(bytes.slice(), { dtype, codec: 'f32', name: 'w' }).buffer)
  }
  const rowBytes = rowByteLength(format, columns)
  const values: number[] = []
  for (let row = 0; row < bytes.length; row += rowBytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset + row, rowBytes)
    for (let column = 0; column < columns; column++) values.push(valuesOf[format](view, column, columns))
  }
  return Float32Array.from(values)
}

/** The value at a column of a row. */
const valuesOf: Record<string, (row: DataView, column: number, columns: number) => number> = {
  ...{ q8: valueQ8, q4: valueQ4 },
  ...{ q4_1: ofPairs(0), q5_1: ofPairs(1), q4_k: ofCodes(0), q5_k: ofCodes(1), q6_k: valueQ6K },
}

/** u32s of a section, padded to 16 bytes, in bytes. */
const padded = (words: number) => Math.ceil(words / 4) * 16

/** A level, of which `upper` bits lie above the lower four, and where the sections behind them begin. */
function levelAt(row: DataView, column: number, { columns, upper }: { columns: number; upper: 0 | 1 | 2 }) {
  const count = Math.ceil(columns / 32)
  const [block, i] = [Math.floor(column / 32), column % 32]
  const lower = (row.getUint8(block * 16 + (i % 16)) >> (i < 16 ? 0 : 4)) & 15
  const above = count * 16 + block * upper * 4 + (i % 4) // a byte for columns i mod 4, i mod 4 + 4, …
  const high = [
    () => 0,
    () => (row.getUint8(above) >> Math.floor(i / 4)) & 1,
    () => (row.getUint8(above + (i < 16 ? 0 : 4)) >> (2 * (Math.floor(i / 4) % 4))) & 3,
  ][upper]()
  return { level: lower + 16 * high, block, i, ranges: count * 16 + padded(count * upper) }
}

const half = (bits: number): number => halfToFloat32(Uint16Array.of(bits))[0]

function ofPairs(upper: 0 | 1) {
  return (row: DataView, column: number, columns: number): number => {
    const { level, block, ranges } = levelAt(row, column, { columns, upper })
    const at = ranges + block * 4
    return half(row.getUint16(at, true)) * level + half(row.getUint16(at + 2, true))
  }
}

function ofCodes(upper: 0 | 1) {
  return (row: DataView, column: number, columns: number): number => {
    const { level, block, ranges } = levelAt(row, column, { columns, upper })
    const eight = Math.floor(block / 8)
    const shared = ranges + Math.ceil(columns / 256) * 16 + eight * 8
    const [scale, offset] = [0, 1].map((i) => row.getUint8(ranges + block * 2 + i))
    return row.getFloat32(shared, true) * scale * level - row.getFloat32(shared + 4, true) * offset
  }
}

function valueQ6K(row: DataView, column: number, columns: number): number {
  const { level, block, i, ranges } = levelAt(row, column, { columns, upper: 2 })
  const shared = ranges + Math.ceil(columns / 256) * 16 + Math.floor(block / 8) * 4
  const scale = row.getUint8(ranges + block * 2 + (i < 16 ? 0 : 1)) - 128
  return row.getFloat32(shared, true) * scale * (level - 32)
}

function valueQ8(row: DataView, column: number, columns: number): number {
  const quant = column % 4 === 3 ? row.getInt8(column) : row.getUint8(column) - 128
  const block = Math.floor(column / 32)
  return quant * row.getFloat32(Math.ceil(columns / 32) * 32 + block * 4, true)
}

function valueQ4(row: DataView, column: number, columns: number): number {
  const block = Math.floor(column / 32)
  const extra = Math.ceil(columns / 32) * 16 + block * 8
  const outlier = row.getUint32(extra + 4, true)
  const nibble = (row.getUint8(column >> 1) >> (4 * (column % 2))) & 15
  const quant = column % 8 === 7 ? nibble ^ 8 : nibble
  const upper = (at: number) => new Float32Array(Uint32Array.of(row.getUint16(at, true) << 16).buffer)[0]
  if ((outlier & 31) === column % 32) return new Float32Array(Uint32Array.of(outlier & ~31).buffer)[0]
  return upper(extra) + upper(extra + 2) * quant
}

/** `weights` in a format, and what they then are. */
export function encoded(weights: Float32Array<ArrayBuffer>, format: WeightFormat, columns: number) {
  const bytes = encodeWeights(new Uint8Array(weights.slice().buffer), {
    dtype: 'F32',
    codec: format,
    name: 'w',
    columns,
  })
  return { bytes, values: dequantize(bytes, format, columns) }
}

/** A checkpoint, F32, of what a model's matrices are once its weights are in `format`. */
export function rounded(checkpoint: Checkpoint, format: WeightFormat): Checkpoint {
  const { version, config } = inferConfig(checkpoint, architectures)
  const specs = new Map(Array.from(version.tensors(config), (spec) => [spec.name, spec]))
  return {
    ...checkpoint,
    async read(tensor, byteOffset, byteLength) {
      const { name, dtype, shape } = tensor
      const whole = await readTensor(checkpoint, name)
      const spec = specs.get(name)
      const values =
        spec?.kind === 'matrix'
          ? encoded(whole, matrixFormat(format, spec, formatOf[dtype]) as WeightFormat, shape[1]).values
          : whole
      return new Uint8Array(values.buffer, byteOffset, byteLength)
    },
  }
}
