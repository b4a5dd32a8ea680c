/**
 * @file A weight matrix in GPU memory: row-major as in the file, its rows split over several buffers where they are of several
 * codecs, or where one binding cannot hold them.
 */

import { createOwner, type Owned } from '../core/dispose.ts'
import { rowByteLength } from '../core/weight-layout.ts'
import { type Buffer, createBuffer } from '../gpu/buffer.ts'
import { defaultLimits, type Gpu } from '../gpu/device.ts'
import type { WeightCodec } from './weight-codec.ts'

/** Rows `firstRow` … `firstRow + rows - 1` of a matrix. */
export interface MatrixPiece {
  readonly buffer: Buffer
  readonly codec: WeightCodec
  readonly firstRow: number
  readonly rows: number
}

/** A (rows, columns) matrix. The creator disposes it. */
export interface Matrix extends Owned {
  readonly label: string
  readonly rows: number
  readonly columns: number
  readonly pieces: readonly MatrixPiece[]
}

/** Rows of one codec. */
export interface StackedRows {
  readonly codec: WeightCodec
  readonly rows: number
}

/** What `createMatrix` takes. `maxBindingByteLength` is for tests of the split. */
export interface MatrixOptions {
  readonly label: string
  readonly columns: number
  /** From top to bottom; a number of rows that something follows is a multiple of 8. */
  readonly stacked: readonly StackedRows[]
  readonly maxBindingByteLength?: number
}

/** Allocate a matrix; its weights are zero until written. */
export function createMatrix(gpu: Gpu, options: MatrixOptions): Matrix {
  const { label, columns, stacked, maxBindingByteLength = defaultLimits.maxStorageBufferBindingSize } = options
  const owner = createOwner()
  const pieces: MatrixPiece[] = []
  let firstRow = 0
  for (const { codec, rows } of runsOf(stacked)) {
    const rowBytes = rowByteLength(codec, columns)
    const pieceRows = Math.floor(maxBindingByteLength / rowBytes / 8) * 8 // whole register tiles
    for (let left = rows; left > 0; left -= pieceRows) {
      const piece = Math.min(pieceRows, left)
      const buffer = owner.own(
        createBuffer(gpu, { label: `${label}[${firstRow}]`, byteLength: piece * rowBytes, use: 'storage' }),
      )
      pieces.push({ buffer, codec, firstRow, rows: piece })
      firstRow += piece
    }
  }
  return { label, rows: firstRow, columns, pieces, dispose: () => owner.dispose() }
}

/** The same rows, those of one codec that follow one another together. */
function runsOf(stacked: readonly StackedRows[]): StackedRows[] {
  const runs: StackedRows[] = []
  for (const { codec, rows } of stacked) {
    const last = runs.at(-1)
    if (last?.codec === codec) runs[runs.length - 1] = { codec, rows: last.rows + rows }
    else runs.push({ codec, rows })
  }
  return runs
}

/** The codec of a row. */
export function codecAt({ label, pieces }: Matrix, row: number): WeightCodec {
  const piece = pieces.find(({ firstRow, rows }) => row < firstRow + rows)
  if (!piece) throw new RangeError(`${label} has no row ${row}`)
  return piece.codec
}

/** A matrix that is known to be in one piece. */
export function onlyPiece({ label, pieces }: Matrix): MatrixPiece {
  const [piece, ...others] = pieces
  if (!piece || others.length > 0) throw new RangeError(`${label} is in ${pieces.length} pieces`)
  return piece
}

/** Write whole rows of one codec, already encoded in it, from `row` on. */
export function writeRows(gpu: Gpu, matrix: Matrix, row: number, encoded: Uint8Array): void {
  const rowBytes = rowByteLength(codecAt(matrix, row), matrix.columns)
  const end = row + encoded.byteLength / rowBytes
  for (const { buffer, firstRow, rows } of matrix.pieces) {
    const from = Math.max(row, firstRow)
    const to = Math.min(end, firstRow + rows)
    if (from >= to) continue
    const bytes = (encoded as Uint8Array<ArrayBuffer>).subarray((from - row) * rowBytes, (to - row) * rowBytes)
    gpu.device.queue.writeBuffer(buffer.gpu, (from - firstRow) * rowBytes, bytes)
  }
}
