/** @file Products of matrices with token rows, by the kernel that suits their number, shared among threads. */

import { BLOCK, isQuantized } from '../core/weight-layout.ts'
import { codecs } from './codes.ts'
import type { Address, Kernels } from './kernels.ts'
import type { WasmMatrix } from './matrix.ts'
import type { ModelMemory } from './memory.ts'
import { partOf, type Share, type ThreadPool } from './thread-pool.ts'

/** A matrix and token rows to multiply it with, f32; strides are counted in numbers. */
export interface Product {
  readonly matrix: WasmMatrix
  readonly input: Address
  /** Default: the matrix’s columns. */
  readonly inputStride?: number
  readonly count: number
  readonly out: Address
  /** Default: the matrix’s rows. */
  readonly outStride?: number
  /** Rows of the matrix; default all. Row r goes to place r of an output row, wherever `from` is. */
  readonly from?: number
  readonly to?: number
}

/** The products of one model; those that are given together must not need each other. */
export interface Products {
  /** out[n, r] = matrix[r] · input[n]. */
  multiply(...products: readonly Product[]): void
  /**
   * The matrix, which is not quantised, the other way round: out[n] = Σ over its rows from `from` to `to` of
   * input[n, r - from] · matrix[r].
   */
  sumRows(...products: readonly Required<Product>[]): void
}

/** Memory that products need on their way. */
export interface ProductRoom {
  /** Of a token row for q8 and q4; one for each of the products that are given together. */
  readonly quantized: readonly Address[]
  /** Of decoded rows; one for each thread. */
  readonly decoded: readonly Address[]
}

const MOST_TOGETHER = 8
const DECODED_ROWS = 8 // see shaders/wasm/products.ts: rows of a group may be added up in another order than in another group
const LINE = 16 // numbers in a line of the caches, which two threads should not write

/** Room for products with matrices of at most `columns` columns. */
export function allocateProducts(memory: ModelMemory, columns: number, threads: number): ProductRoom {
  const whole = Math.ceil(columns / BLOCK) * BLOCK
  const several = (length: number, byteLength: number) => Array.from({ length }, () => memory.allocate(byteLength))
  return {
    quantized: several(MOST_TOGETHER, whole * 2 + (whole / BLOCK) * 8),
    decoded: several(threads, DECODED_ROWS * whole * 4),
  }
}

/** Products by `threadPool`, which has no more threads than there is room for. */
export function createProducts({ kernels, share }: ThreadPool, room: ProductRoom): Products {
  const about = ([first]: readonly Product[]) => first?.matrix.label
  return {
    multiply(...products) {
      for (const [place, { matrix, count, input }] of products.entries()) {
        if (count === 1 && isQuantized(matrix.codec)) kernels.quantize(input, matrix.columns, at(room.quantized, place))
      }
      share((own, part) => {
        for (const [place, product] of products.entries()) multiplyPart(own, product, { place, room, part })
      }, about(products))
    },
    sumRows(...products) {
      share((own, part) => {
        for (const product of products) sumPart(own, product, { room, part })
      }, about(products))
    },
  }
}

interface Part {
  readonly room: ProductRoom
  readonly part: Share
}

function multiplyPart(kernels: Kernels, product: Product, { place, room, part }: Part & { place: number }): void {
  const { matrix, input, count, out } = product
  const { codec, rowByteLength, columns } = matrix
  const { inputStride = columns, outStride = matrix.rows } = product
  const [from, to] = partOf(part, { from: product.from ?? 0, to: product.to ?? matrix.rows, group: DECODED_ROWS })
  if (from === to) return
  const rows = [codecs[codec], matrix.at, rowByteLength, from, to, columns] as const
  if (count === 1) kernels.matvec(...rows, input, at(room.quantized, place), out)
  else kernels.matmul(...rows, input, inputStride * 4, count, out, outStride * 4, at(room.decoded, part.index))
}

/** A thread takes some of the columns. */
function sumPart(kernels: Kernels, product: Required<Product>, { room, part }: Part): void {
  const { matrix, input, inputStride, count, out, outStride } = product
  const { codec, rowByteLength, columns } = matrix
  const [from, to] = partOf(part, { from: 0, to: columns, group: LINE })
  if (from === to) return
  const first = matrix.at + product.from * rowByteLength + (from * rowByteLength) / columns
  const rows = [input, inputStride * 4, count, out + from * 4, outStride * 4] as const
  const scratch = at(room.decoded, part.index)
  kernels.sumRows(codecs[codec], first, rowByteLength, product.to - product.from, to - from, ...rows, scratch)
}

function at(addresses: readonly Address[], place: number): Address {
  const address = addresses[place]
  if (address === undefined) throw new RangeError(`no room for ${place + 1}`)
  return address
}
