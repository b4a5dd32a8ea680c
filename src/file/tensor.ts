/**
 * @file What every checkpoint format gives: a table of tensors and a way to read their bytes. Types, and the one decoder
 * of elements.
 */

import { bfloat16ToFloat32, halfToFloat32 } from '../core/float16.ts'
import type { HeldFormat } from '../core/weight-layout.ts'

/** Element types that weights can be read in. */
export type Dtype = 'F32' | 'F16' | 'BF16'

/** A tensor of a checkpoint, in row-major order unless it is a turned matrix. */
export interface TensorEntry {
  readonly name: string
  readonly dtype: Dtype
  readonly shape: readonly number[]
  /** Absolute, in the file. */
  readonly offset: number
  /** Of its values as `dtype`: blocks of GGUF are decoded as they are read, and take fewer in the file. */
  readonly byteLength: number
  /** The last but one axis of `shape` is the one whose elements lie side by side: set by the loader of the model, not by the file. */
  readonly isTurned?: boolean
  /** A matrix in blocks, which a format of ours holds value for value. */
  readonly held?: HeldRows
  /** The file has the logarithms of a vector's values: set by the loader of the model too. */
  readonly isLogarithm?: boolean
  /** An embedding that LN0 has gone into, unless the file has LN0 too: so is this. */
  readonly isNormed?: boolean
}

/** Rows in a format that the values need not be decoded for. */
export interface HeldRows {
  readonly format: HeldFormat
  /**
   * Whole rows, as `core/weight-layout.ts` says.
   * @throws RwkvError `model/not-finite`, and all of `Checkpoint.read`
   */
  read(first: number, count: number): Promise<Uint8Array<ArrayBuffer>>
}

/** A tensor whose element type is known but cannot be read as weights, such as I64. */
export interface UnreadableTensor extends Omit<TensorEntry, 'dtype'> {
  readonly dtype: string
}

/** Whether weights can be read from it. */
export function isReadable(entry: TensorEntry | UnreadableTensor): entry is TensorEntry {
  return entry.dtype === 'F32' || entry.dtype === 'F16' || entry.dtype === 'BF16'
}

/** An opened model file whose table of tensors has been checked: every entry lies in the file and fits its shape. */
export interface Checkpoint {
  /** File name, for messages. */
  readonly file: string
  readonly byteLength: number
  /** What the file is, where it is one. */
  readonly format?: 'pth' | 'safetensors' | 'gguf'
  /** Plain values that the file has beside its tensors: what parts of a split GGUF file are read by. */
  readonly metadata?: ReadonlyMap<string, string | number | boolean>
  /** Tokens by id, where the file has them, escaped as Python prints bytes. */
  readonly tokens?: readonly string[]
  readonly tensors: ReadonlyMap<string, TensorEntry>
  /** Refused only if the model needs one of them. */
  readonly unreadable: ReadonlyMap<string, UnreadableTensor>
  /**
   * `byteLength` bytes of `tensor` from `byteOffset` on; do not write to the result.
   * @throws RangeError outside the tensor; RwkvError `file/truncated`, `file/network`.
   */
  read(tensor: TensorEntry, byteOffset: number, byteLength: number): Promise<Uint8Array>
}

/** Which part of a model in several files a file is. */
export interface Part {
  readonly index: number
  readonly count: number
  /** Undefined for the first itself. */
  readonly first: Checkpoint | undefined
}

/**
 * For `Checkpoint.read`: the part must lie in its tensor.
 * @throws RangeError
 */
export function checkInside(tensor: TensorEntry, byteOffset: number, byteLength: number): void {
  if (byteOffset >= 0 && byteLength >= 0 && byteOffset + byteLength <= tensor.byteLength) return
  throw new RangeError(`${byteLength} bytes from ${byteOffset} of ${tensor.name}, which has ${tensor.byteLength}`)
}

/** Bytes of an element. */
export function elementByteLength(dtype: Dtype): 2 | 4 {
  return dtype === 'F32' ? 4 : 2
}

/**
 * Little-endian elements as f32; allocates, and copes with any alignment (a safetensors header may have odd length).
 * @throws RangeError if `bytes` is not a whole number of elements.
 */
export function decodeFloats(bytes: Uint8Array, dtype: Dtype): Float32Array<ArrayBuffer> {
  const length = bytes.length / elementByteLength(dtype)
  if (!Number.isInteger(length)) throw new RangeError(`${bytes.length} bytes are not a whole number of ${dtype}`)
  const target = new Float32Array(length)
  if (dtype === 'F32') {
    new Uint8Array(target.buffer).set(bytes)
    return target
  }
  const aligned = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice()
  const source = new Uint16Array(aligned.buffer, aligned.byteOffset, length)
  if (dtype === 'F16') halfToFloat32(source, target)
  else bfloat16ToFloat32(source, target)
  return target
}
