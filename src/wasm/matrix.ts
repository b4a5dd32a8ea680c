/** @file A weight matrix in a model's memory of WebAssembly: row-major as in the file, in one of the formats. */

import { type HeldFormat, hasLevels, isQuantized, rowByteLength } from '../core/weight-layout.ts'
import { codecs } from './codes.ts'
import type { Address } from './kernels.ts'
import type { ModelMemory } from './memory.ts'

/** A (rows, columns) matrix; it goes with its memory. */
export interface WasmMatrix {
  /** What it is called in a profile. */
  readonly label: string
  readonly codec: HeldFormat
  readonly rows: number
  readonly columns: number
  readonly at: Address
  readonly rowByteLength: number
}

/** Allocate a matrix; its weights are zero until written. */
export function createMatrix(
  memory: ModelMemory,
  { label, codec, rows, columns }: Pick<WasmMatrix, 'label' | 'codec' | 'rows' | 'columns'>,
): WasmMatrix {
  const byteLength = rowByteLength(codec, columns)
  return { label, codec, rows, columns, at: memory.allocate(rows * byteLength), rowByteLength: byteLength }
}

/** Write whole rows, encoded in the matrix's format as the GPU takes them, from `row` on. */
export function writeRows(
  memory: ModelMemory,
  { codec, columns, at, rowByteLength }: WasmMatrix,
  row: number,
  encoded: Uint8Array,
): void {
  const first = at + row * rowByteLength
  memory.bytes(first, encoded.byteLength).set(encoded)
  if (isQuantized(codec) && !hasLevels(codec))
    memory.kernels.arrange(codecs[codec], first, columns, encoded.byteLength / rowByteLength, rowByteLength)
}
