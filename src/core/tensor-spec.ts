/**
 * @file What tensors a model has: by this list its file is checked, its weights are allocated, filled and measured, and
 * made-up models are made. A tensor's kind is its role, not its rank.
 */

import type { ModelConfig, WeightFormat } from './protocol.ts'
import { type HeldFormat, isQuantized, rowByteLength } from './weight-layout.ts'

/** A tensor that a model must have. */
export interface TensorSpec {
  /** Official name. */
  readonly name: string
  /**
   * (out, in) for matrices, (in, out) for those stored transposed, and (count, out, in) for several; vectors may be stored
   * with further axes of length 1, and with one number a head.
   */
  readonly shape: readonly number[]
  /** A matrix is read by products and may be quantised; a vector is f32 on the GPU, whatever its rank. */
  readonly kind: 'matrix' | 'vector'
  /** Stored (in, out): turned on its way to the GPU. */
  readonly isTransposed?: true
  /** A matrix that is never quantised, for the state would feel its errors. */
  readonly isExact?: true
  /** A matrix of whose columns inspection wants to know the sums of absolute values. */
  readonly isSummed?: true
  /** Where the values of a made-up vector lie: the middle, and how far from it; default 0 and 1/2. */
  readonly seeded?: readonly [middle: number, spread: number]
}

/** A matrix of `rows` outputs and `columns` inputs. */
export const matrix = (name: string, rows: number, columns: number): TensorSpec => ({
  name,
  shape: [rows, columns],
  kind: 'matrix',
})

/** C numbers. */
export const vector = (name: string, C: number, seeded?: TensorSpec['seeded']): TensorSpec => ({
  name,
  shape: [C],
  kind: 'vector',
  ...(seeded && { seeded }),
})

/** Scale and bias of a layer norm. */
export const norm = (name: string, C: number): readonly TensorSpec[] => [
  vector(`${name}.weight`, C, [1, 0.1]),
  vector(`${name}.bias`, C),
]

/** Every tensor of a model, in the order in which a token meets them; `layerTensors` gives those of a layer. */
export function* modelTensors(
  config: ModelConfig,
  layerTensors: (config: ModelConfig, layer: number) => Iterable<TensorSpec>,
): Generator<TensorSpec> {
  const { L, C, V, hasNormedEmbedding } = config
  yield matrix('emb.weight', V, C)
  if (!hasNormedEmbedding) yield* norm('blocks.0.ln0', C)
  for (let layer = 0; layer < L; layer++) yield* layerTensors(config, layer)
  yield* norm('ln_out', C)
  yield matrix('head.weight', V, C)
}

/** Rows and columns of a matrix as it lies on the GPU, several one above the other. */
export function matrixSize({ shape, isTransposed }: TensorSpec): [rows: number, columns: number] {
  const rows = shape.slice(0, -1).reduce((product, size) => product * size, 1)
  const columns = shape.at(-1) ?? 0
  return isTransposed ? [columns, rows] : [rows, columns]
}

/** Channels of a head, of a version with heads. */
export function headSizeOf({ version, headSize }: ModelConfig): number {
  if (headSize === undefined) throw new RangeError(`a model of RWKV-${version} has a head size`)
  return headSize
}

/**
 * The format of a matrix in a model of which `weights` were asked for. `auto` keeps each as the file has it, `stored`; exact
 * ones in f32 where that is quantised. Models quantised on request keep exact ones too, and the embedding, of which a token
 * reads one row; and the head, whose errors nothing evens out, in 8 bits at least.
 */
export function matrixFormat(
  weights: WeightFormat | 'auto',
  { name, isExact }: Pick<TensorSpec, 'name' | 'isExact'>,
  stored: HeldFormat,
): HeldFormat {
  if (weights !== 'auto' && !isQuantized(weights)) return weights
  if (isExact) return isQuantized(stored) ? 'f32' : stored // which holds those too
  if (weights === 'auto' || name === 'emb.weight') return stored
  return name === 'head.weight' ? 'q8' : weights
}

/** Bytes of a model's weights on the GPU: each matrix in its format, vectors in f32. */
export function weightByteLength(tensors: Iterable<TensorSpec>, formatOf: (matrix: TensorSpec) => HeldFormat): number {
  let sum = 0
  for (const tensor of tensors) {
    if (tensor.kind === 'vector') sum += tensor.shape.reduce((product, size) => product * size, 4)
    else sum += matrixByteLength(tensor, formatOf(tensor))
  }
  return sum
}

/** Bytes of the matrices that are quantised on request, all together: what is kept of such a model. */
export function quantizedByteLength(tensors: Iterable<TensorSpec>, weights: WeightFormat): number {
  let sum = 0
  for (const tensor of tensors) {
    const format = matrixFormat(weights, tensor, 'f32')
    if (tensor.kind === 'matrix' && isQuantized(format)) sum += matrixByteLength(tensor, format)
  }
  return sum
}

/** Bytes of a matrix in `format`. */
export function matrixByteLength(tensor: TensorSpec, format: HeldFormat): number {
  const [rows, columns] = matrixSize(tensor)
  return rows * rowByteLength(format, columns)
}
