/** @file Sums of absolute values by column: how far a product can go whose inputs lie between -1 and 1. */

import { matrixSize, type TensorSpec } from '../core/tensor-spec.ts'

/** Values of a matrix. */
interface Rows {
  readonly spec: TensorSpec
  /** Whole rows, or where they are turned all columns one after another. */
  readonly values: Float32Array
  readonly isTurned: boolean
}

/** Add rows of a matrix to its sums, f32 (columns) under its name. */
export function addColumns(sums: Map<string, Float32Array>, { spec, values, isTurned }: Rows): void {
  const [rows, columns] = matrixSize(spec)
  const sum = sums.get(spec.name) ?? new Float32Array(columns)
  sums.set(spec.name, sum)
  values.forEach((value, i) => {
    const column = isTurned ? Math.floor(i / rows) : i % columns
    sum[column] = (sum[column] as number) + Math.abs(value)
  })
}
