/**
 * @file A weight matrix in GPU memory: row-major as in the file, in one of the codecs, its rows split over several
 * buffers where one binding cannot hold them.
 */

import { createOwner, type Owned } from '../core/dispose.ts'
import { rowByteLength } from '../core/weight-layout.ts'
import { type Buffer, createBuffer } from '../gpu/buffer.ts'
import { defaultLimits, type Gpu } from '../gpu/device.ts'
import type { WeightCodec } from './weight-codec.ts'

/** Rows `firstRow` … `firstRow + rows - 1` of a matrix. */
export interface MatrixPiece {
  readonly buffer: Buffer
  readonly firstRow: number
  readonly rows: number
}

/** A (rows, columns) matrix. The creator disposes it. */
export interface Matrix extends Owned {
  readonly label: string
  readonly codec: WeightCodec
  readonly rows: number
  readonly columns: number
  readonly pieces: readonly MatrixPiece[]
}

/** What `createMatrix` takes. `maxBindingByteLength` is for tests of the split. */
export interface MatrixOptions {
  readonly label: string
  readonly codec: WeightCodec
  readonly rows: number
  readonly columns: number
  readonly maxBindingByteLength?: number
}

/** Allocate a matrix; its weights are zero until written. */
export function createMatrix(gpu: Gpu, options: MatrixOptions): Matrix {
  const { label, codec, rows, columns, maxBindingByteLength = defaultLimits.maxStorageBufferBindingSize } = options
  const rowBytes = rowByteLength(codec, columns)
  const pieceRows = Math.floor(maxBindingByteLength / rowBytes / 8) * 8 // whole register tiles
  const owner = createOwner()
  const pieces: MatrixPiece[] = []
  for (let firstRow = 0; firstRow < rows; firstRow += pieceRows) {
    const piece = Math.min(pieceRows, rows - firstRow)
    const buffer = owner.own(
      createBuffer(gpu, { label: `${label}[${firstRow}]`, byteLength: piece * rowBytes, use: 'storage' }),
    )
    pieces.push({ buffer, firstRow, rows: piece })
  }
  return { label, codec, rows, columns, pieces, dispose: () => owner.dispose() }
}

/** The buffer of a matrix that is known to be in one piece. */
export function onlyPiece({ label, pieces }: Matrix): Buffer {
  const [piece, ...others] = pieces
  if (!piece || others.length > 0) throw new RangeError(`${label} is in ${pieces.length} pieces`)
  return piece.buffer
}

/** Write whole rows, already encoded in the matrix's codec, from `row` on. */
export function writeRows(gpu: Gpu, matrix: Matrix, row: number, encoded: Uint8Array): void {
  const rowBytes = rowByteLength(matrix.codec, matrix.columns)
  const end = row + encoded.byteLength / rowBytes
  for (const { buffer, firstRow, rows } of matrix.pieces) {
    const from = Math.max(row, firstRow)
    const to = Math.min(end, firstRow + rows)
    if (from >= to) continue
    const bytes = (encoded as Uint8Array<ArrayBuffer>).subarray((from - row) * rowBytes, (to - row) * rowBytes)
    gpu.device.queue.writeBuffer(buffer.gpu, (from - firstRow) * rowBytes, bytes)
  }
}
