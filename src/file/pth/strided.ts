/**
 * @file Tensors whose elements do not lie in row-major order, such as a transposed matrix: read in parts and put in order.
 */

import type { ByteSource } from '../byte-source.ts'

/** Where the elements of a tensor lie. */
export interface StridedView {
  /** Of the first element, in bytes, absolute in the file. */
  readonly offset: number
  readonly shape: readonly number[]
  /** In elements; positive, but for axes of length 1. */
  readonly strides: readonly number[]
  readonly elementByteLength: number
}

/** Elements from the first to behind the last one, 0 where there is none. */
export function spanOf(shape: readonly number[], strides: readonly number[]): number {
  if (shape.includes(0)) return 0
  return shape.reduce((span, size, axis) => span + (size - 1) * (strides[axis] ?? 0), 1)
}

const PART_BYTES = 4 * 1024 * 1024

/** What `gather` takes; offsets and lengths count the bytes of the tensor in row-major order. */
export interface Gather {
  readonly source: ByteSource
  readonly view: StridedView
  readonly byteOffset: number
  readonly byteLength: number
}

/**
 * A part of a tensor in row-major order. Holds the result and one part of the file; walks over the elements once for
 * each part of 4 MiB that they span.
 * @throws RangeError if the part does not begin and end between elements.
 */
export async function gather({ source, view, byteOffset, byteLength }: Gather): Promise<Uint8Array<ArrayBuffer>> {
  const { offset, elementByteLength: width } = view
  const first = byteOffset / width
  const count = byteLength / width
  if (!Number.isInteger(first) || !Number.isInteger(count)) {
    throw new RangeError(`${byteLength} bytes from ${byteOffset} are not whole elements of ${width} bytes`)
  }
  const target = new Uint8Array(byteLength)
  if (count === 0) return target

  let low = Number.POSITIVE_INFINITY
  let high = 0
  walk(view, first, count, (at) => {
    low = Math.min(low, at)
    high = Math.max(high, at + 1)
  })
  const partElements = PART_BYTES / width
  for (let start = low; start < high; start += partElements) {
    const end = Math.min(start + partElements, high)
    const part = await source.read(offset + start * width, (end - start) * width)
    walk(view, first, count, (at, index) => {
      if (at < start || at >= end) return
      for (let byte = 0; byte < width; byte++) {
        target[index * width + byte] = part[(at - start) * width + byte] as number
      }
    })
  }
  return target
}

/** Call `visit` with the place of each element, in elements from the view's first, and its index from 0. */
function walk(view: StridedView, first: number, count: number, visit: (at: number, index: number) => void): void {
  const { shape, strides } = view
  const position = shape.map(() => 0)
  let rest = first
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] ?? 1
    position[axis] = rest % size
    rest = Math.floor(rest / size)
  }
  let at = position.reduce((sum, value, axis) => sum + value * (strides[axis] ?? 0), 0)
  for (let index = 0; index < count; index++) {
    visit(at, index)
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const stride = strides[axis] ?? 0
      const next = (position[axis] ?? 0) + 1
      if (next < (shape[axis] ?? 1)) {
        position[axis] = next
        at += stride
        break
      }
      at -= (next - 1) * stride
      position[axis] = 0
    }
  }
}
