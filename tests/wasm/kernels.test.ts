import { describe, expect, test } from 'vitest'
import { BLOCK, type HeldFormat, hasLevels, isQuantized, rowByteLength } from '../../src/core/weight-layout.ts'
import { source } from '../../src/wasm/binary.ts'
import { activations, codecs } from '../../src/wasm/codes.ts'
import { createMatrix, writeRows } from '../../src/wasm/matrix.ts'
import { allocateProducts, createProducts } from '../../src/wasm/products.ts'
import { alone } from '../../src/wasm/thread-pool.ts'
import { layerNorm } from '../oracle/rwkv4.ts'
import { sourceHash } from '../tools/build-wasm.mjs'
import { expectClose } from '../tools/closeness.ts'
import { encoded } from '../tools/dequantize.ts'
import { randomArray } from '../tools/random-array.ts'
import { randomRows } from '../tools/random-blocks.ts'
import { type TestMemory, testMemory } from '../tools/wasm.ts'

const formats = ['f32', 'f16', 'bf16', 'q8', 'q4'] as const
const blockFormats = ['q4_1', 'q5_1', 'q4_k', 'q5_k', 'q6_k'] as const

/** Rows in any format, and their values; columns are whole blocks of GGUF where it is of these. */
function rowsIn(codec: HeldFormat, rows: number, columns: number) {
  if (hasLevels(codec)) return randomRows(codec, rows, columns)
  return encoded(randomArray(rows, rows * columns), codec, columns)
}

const cases = [
  // Remainders for every tile, every block and every step of a loop.
  ...formats.flatMap((codec) => [
    { codec, rows: 3, columns: 4 },
    { codec, rows: 21, columns: 136 },
    { codec, rows: 16, columns: 64 },
  ]),
  // One and several times what eight blocks share.
  ...blockFormats.flatMap((codec) => [
    { codec, rows: 3, columns: 256 },
    { codec, rows: 21, columns: 1280 },
  ]),
  ...(['q4_1', 'q5_1'] as const).map((codec) => ({ codec, rows: 3, columns: 96 })),
]
const close = { atol: 2e-6, rtol: 2e-5 }

const productsIn = (memory: TestMemory, columns: number) =>
  createProducts(alone(memory.kernels), allocateProducts(memory, columns, 1))

const dot = (x: Float32Array, row: Float32Array) => x.reduce((sum, value, c) => sum + value * row[c], 0)

/** How far a product may be off whose token row is rounded to 16 bits: half a step of each number, of its block's own size. */
const mostLost = (x: Float32Array, row: Float32Array) =>
  x.reduce((sum, _, c) => {
    const from = c - (c % BLOCK)
    const most = x.subarray(from, from + BLOCK).reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    return sum + (most / 32767 / 2) * Math.abs(row[c])
  }, 0)

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))

test('what is compiled was made from shaders/wasm/ as it is: else run `npm run wasm`', () => {
  expect(source).toBe(sourceHash())
})

test.each(cases)(
  'a matrix in $codec of $rows × $columns: products with any number of token rows are those of float64',
  ({ codec, rows, columns }) => {
    const memory = testMemory()
    const { bytes, values } = rowsIn(codec, rows, columns)
    const matrix = createMatrix(memory, { label: 'm', codec, rows, columns })
    const half = rows >> 1
    const rowBytes = rowByteLength(codec, columns)
    writeRows(memory, matrix, half, bytes.slice(half * rowBytes)) // in two slices, as a load does
    writeRows(memory, matrix, 0, bytes.slice(0, half * rowBytes))
    const products = productsIn(memory, columns)
    for (const count of [1, 2, 4, 9]) {
      const x = randomArray(count, count * (columns + 4), 3)
      const input = memory.put(x)
      const out = memory.put(new Float32Array(count * (rows + 5)).fill(7))
      const strides = { inputStride: columns + 4, outStride: rows + 5 }
      const product = { matrix, input, count, out, ...strides }
      products.multiply({ ...product, to: 2 }, { ...product, from: 2 })
      const found = memory.floats(out, count * (rows + 5))
      for (let n = 0; n < count; n++) {
        const token = x.subarray(n * (columns + 4), n * (columns + 4) + columns)
        for (let r = 0; r < rows; r++) {
          const row = values.subarray(r * columns, (r + 1) * columns)
          const isRounded = count === 1 && isQuantized(codec)
          const atol = 1e-5 + (isRounded ? mostLost(token, row) : 0)
          expectClose([found[n * (rows + 5) + r]], [dot(token, row)], { atol, rtol: 1e-5 })
        }
        expect([...found.subarray(n * (rows + 5) + rows, (n + 1) * (rows + 5))]).toEqual([7, 7, 7, 7, 7])
      }
    }
  },
)

test.each([...formats, ...blockFormats])('a row in %s decodes to the very values that it holds', (codec) => {
  const memory = testMemory()
  const columns = hasLevels(codec) ? 2560 : 72
  const { bytes, values } = rowsIn(codec, 1, columns)
  const matrix = createMatrix(memory, { label: 'm', codec, rows: 1, columns })
  writeRows(memory, matrix, 0, bytes)
  const out = memory.allocate(2560 * 4)
  memory.kernels.decode(codecs[codec], matrix.at, columns, out)
  expectClose(memory.floats(out, columns), values, { atol: 1e-30, rtol: hasLevels(codec) ? 0 : 1.2e-7 })
})

test.each(['f32', 'f16', 'bf16'] as const)(
  'a matrix in %s summed by rows, from one of them to another, is that of float64',
  (codec) => {
    const memory = testMemory()
    const [rows, columns, count] = [16, 40, 3]
    const { bytes, values } = encoded(randomArray(3, rows * columns), codec, columns)
    const matrix = createMatrix(memory, { label: 'm', codec, rows, columns })
    writeRows(memory, matrix, 0, bytes)
    const x = randomArray(9, count * 10)
    const out = memory.allocate(count * 44 * 4)
    const of = { matrix, input: memory.put(x), inputStride: 10, count, out, outStride: 44, from: 4, to: 12 }
    productsIn(memory, columns).sumRows(of)
    for (let n = 0; n < count; n++) {
      const expected = Array.from({ length: columns }, (_, c) =>
        Array.from({ length: 8 }, (_, r) => x[n * 10 + r] * values[(r + 4) * columns + c]).reduce((a, b) => a + b),
      )
      expectClose(memory.floats(out + n * 44 * 4, columns), expected, close)
    }
  },
)

test('a number far above the rest costs digits in its own block alone, and zeros cost none', () => {
  const memory = testMemory()
  const columns = 64
  const { bytes, values } = encoded(randomArray(1, columns), 'q8', columns)
  const matrix = createMatrix(memory, { label: 'm', codec: 'q8', rows: 1, columns })
  writeRows(memory, matrix, 0, bytes)
  const products = productsIn(memory, columns)
  const out = memory.allocate(4)
  for (const [peak, scale] of [
    [0, 0],
    [1e4, 1],
  ]) {
    const x = randomArray(2, columns, scale)
    x[40] = peak
    products.multiply({ matrix, input: memory.put(x), count: 1, out })
    expectClose(memory.floats(out, 1), [dot(x, values)], { atol: 1e-9 + mostLost(x, values), rtol: 1e-6 })
  }
})

test('layer norm is that of float64', () => {
  const memory = testMemory()
  const [count, C] = [3, 52]
  const [x, norm] = [randomArray(1, count * C, 5), randomArray(2, 2 * C)]
  const at = memory.put(x)
  memory.kernels.layerNorm(at, count, C, memory.put(norm), at)
  for (let n = 0; n < count; n++) {
    const expected = layerNorm(x.subarray(n * C, (n + 1) * C), norm.subarray(0, C), norm.subarray(C))
    expectClose(memory.floats(at + n * C * 4, C), expected, { atol: 2e-6, rtol: 1e-5 })
  }
})

test('token shift takes the row before, of the state for the first, and leaves the last there', () => {
  const memory = testMemory()
  const [count, C, mixes, stride] = [3, 8, 2, 40]
  const [a, mix, before] = [randomArray(1, count * C), randomArray(2, mixes * C), randomArray(3, C)]
  const state = memory.put(before)
  const out = memory.allocate(mixes * stride * 4)
  const rows = memory.put(a)
  memory.kernels.shiftMix(rows, count, C, memory.put(mix), mixes, state, out, stride * 4)
  expect(memory.floats(state, C)).toEqual(before)
  memory.kernels.storeShift(rows, count, C, state)
  for (let m = 0; m < mixes; m++) {
    const expected = Array.from(a, (value, i) => {
      const share = mix[m * C + (i % C)]
      return value * share + (i < C ? before[i] : a[i - C]) * (1 - share)
    })
    expectClose(memory.floats(out + m * stride * 4, count * C), expected, close)
  }
  expect(memory.floats(state, C)).toEqual(a.subarray(2 * C))
})

test('activations are those of float64 from one end of f32 to the other, and stay within their columns', () => {
  const values = [...randomArray(4, 60, 20), ...randomArray(5, 60, 0.01), 0, 88, -88, 1e4, -1e4, 1e18, -1e18, 3]
  const x = Float32Array.from(values)
  const functions = {
    squaredRelu: (x: number) => Math.max(x, 0) ** 2,
    sigmoid,
    tanh: Math.tanh,
    silu: (x: number) => x * sigmoid(x),
  }
  for (const [name, expected] of Object.entries(functions)) {
    const memory = testMemory()
    const stride = x.length + 4
    const at = memory.put(Float32Array.from([...x, 9, 9, 9, 9, ...x, 9, 9, 9, 9]))
    memory.kernels.activate(activations[name as keyof typeof activations], at, 2, x.length, stride * 4)
    for (const row of [0, 1]) {
      const found = memory.floats(at + row * stride * 4, stride)
      expectClose(found.subarray(0, x.length), Float32Array.from(x, expected), { atol: 2e-7, rtol: 1e-6 })
      expect([...found.subarray(x.length)]).toEqual([9, 9, 9, 9])
    }
  }
})

test('what is added, by itself and through a gate, is that of float64', () => {
  const memory = testMemory()
  const [x, y, gate] = [randomArray(1, 16), randomArray(2, 16), randomArray(3, 24)]
  const sum = memory.put(x)
  memory.kernels.add(sum, memory.put(y), 16)
  expectClose(
    memory.floats(sum, 16),
    Float32Array.from(x, (value, i) => value + y[i]),
    close,
  )
  const gated = memory.put(x)
  memory.kernels.addGated(gated, memory.put(y), memory.put(gate), 12 * 4, 2, 8)
  const at = (i: number) => Math.floor(i / 8) * 12 + (i % 8)
  expectClose(
    memory.floats(gated, 16),
    Float32Array.from(x, (value, i) => value + gate[at(i)] * y[i]),
    close,
  )
})

describe('WKV of RWKV-4', () => {
  const [count, C] = [5, 8]
  /** The recurrence as the paper has it. */
  function expectedOf(kvr: Float32Array, time: Float32Array, sums: Float64Array) {
    return Float64Array.from({ length: count * C }, (_, i) => {
      const [n, c] = [Math.floor(i / C), i % C]
      const [k, v, r] = [0, 1, 2].map((part) => kvr[(n * 3 + part) * C + c])
      const [u, w] = [time[c], time[C + c]]
      const [aa, bb, pp] = [0, 1, 2].map((row) => sums[row * C + c])
      const q = Math.max(pp, u + k)
      const wkv = (Math.exp(pp - q) * aa + Math.exp(u + k - q) * v) / (Math.exp(pp - q) * bb + Math.exp(u + k - q))
      const left = Math.max(pp + w, k)
      sums[c] = Math.exp(pp + w - left) * aa + Math.exp(k - left) * v
      sums[C + c] = Math.exp(pp + w - left) * bb + Math.exp(k - left)
      sums[2 * C + c] = left
      return sigmoid(r) * wkv
    })
  }

  test.each([1, 1e4])('with keys up to ±%d is that of float64, and so is what it leaves', (scale) => {
    const memory = testMemory()
    const kvr = randomArray(1, count * 3 * C).map((value, i) => (Math.floor(i / C) % 3 === 0 ? value * scale : value))
    const time = randomArray(2, 2 * C).map((value, i) => (i < C ? value : -Math.abs(value)))
    const sums = Float32Array.from({ length: 3 * C }, (_, i) => (i < 2 * C ? 0 : -1e30))
    const expectedSums = Float64Array.from(sums)
    const expected = expectedOf(kvr, time, expectedSums)
    const [at, out, watched] = [memory.put(sums), memory.allocate(count * C * 4), memory.allocate(count * C * 4)]
    memory.kernels.wkv4(memory.put(kvr), count, C, memory.put(time), at, out, watched)
    expectClose(memory.floats(out, count * C), expected, { atol: 1e-6, rtol: 1e-5 })
    expectClose(memory.floats(at, 3 * C), expectedSums, { atol: 1e-6, rtol: 1e-5 })
    const opened = memory
      .floats(watched, count * C)
      .map((value, i) => value * sigmoid(kvr[(Math.floor(i / C) * 3 + 2) * C + (i % C)]))
    expectClose(opened, expected, { atol: 1e-6, rtol: 1e-5 })
  })
})
