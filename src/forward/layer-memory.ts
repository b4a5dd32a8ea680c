/**
 * @file How a version asks for memory, on any backend: weights, by the names that the file has for them, and activations.
 * Letters as in `architecture.ts`.
 */

import type { Buffer } from '../gpu/buffer.ts'
import type { Matrix } from '../kernels/matrix.ts'

/** Allocates weights, and notes which tensor of the file goes where. `Vectors` and `M`: what a backend gives for them. */
export interface WeightTable<Vectors = Buffer, M = Matrix> {
  /** f32 rows of C numbers, one above the other, undefined for one of zeros; a function is applied to the numbers on their way. */
  vectors(
    label: string,
    names: readonly (string | readonly [name: string, map: (value: number) => number] | undefined)[],
  ): Vectors
  /** Matrices of as many columns, one above the other; rows and columns that a tensor does not fill are 0. */
  matrix(label: string, columns: number, stacked: readonly (readonly [name: string, rows: number])[]): M
}

/** Allocates `length` f32s. */
export type AllocateF32<B = Buffer> = (label: string, length: number) => B

/** Activations of every version. */
export interface CommonScratch<B = Buffer> {
  readonly x: B //       (N, C)  the residual stream
  readonly normed: B //  (O, C)  LNout of the rows whose logits are wanted
  readonly logits: B //  (O, V rounded up to 4)
}
