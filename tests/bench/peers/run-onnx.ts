/**
 * @file A small runtime for the ONNX graphs of this benchmark, for tests: reads the bytes of the file and computes node by
 * node in float64, after the operators' specification (onnx.ai/onnx/operators).
 */

import { readMessage } from '../../tools/read-protobuf.ts'

/** A matrix or row; all that these graphs need. */
export interface Value {
  readonly shape: readonly number[]
  readonly values: Float64Array
}

/** A graph ready to run. */
export interface OnnxGraph {
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  run(feeds: Readonly<Record<string, Value>>): Readonly<Record<string, Value>>
}

type Bytes = Uint8Array<ArrayBuffer>
const text = (bytes: unknown) => new TextDecoder().decode(bytes as Bytes)
const all = (bytes: unknown, field: number) => readMessage(bytes as Bytes).get(field) ?? []
const texts = (bytes: unknown, field: number) => all(bytes, field).map(text)

/** Read a model whose weights lie in `weights`. */
export function readOnnx(model: Bytes, weights: Bytes): OnnxGraph {
  const [graph] = all(model, 7)
  const constants = new Map(all(graph, 5).map((tensor) => readInitializer(tensor as Bytes, weights)))
  const nodes = all(graph, 1).map((node) => ({
    operator: texts(node, 4)[0] ?? '',
    inputs: texts(node, 1),
    outputs: texts(node, 2),
    attributes: all(node, 5).map((attribute) => texts(attribute, 1)[0]),
  }))
  const names = (field: number) => all(graph, field).map((value) => texts(value, 1)[0] ?? '')
  const [inputs, outputs] = [names(11), names(12)]
  return {
    inputs,
    outputs,
    run(feeds) {
      const values = new Map([...constants, ...Object.entries(feeds)])
      const known = (name: string): Value => {
        const value = values.get(name)
        if (!value) throw new Error(`${name} is used before it is computed`)
        return value
      }
      for (const { operator, inputs, outputs } of nodes) {
        const compute = operators[operator]
        if (!compute) throw new Error(`no operator ${operator}`)
        values.set(outputs[0] ?? '', compute(inputs.map(known)))
      }
      return Object.fromEntries(outputs.map((name) => [name, known(name)]))
    },
  }
}

/** An f32 tensor that lies in another file. */
function readInitializer(tensor: Bytes, weights: Bytes): [string, Value] {
  const shape = all(tensor, 1).map(Number)
  const place = new Map(all(tensor, 13).map((entry) => [texts(entry, 1)[0], texts(entry, 2)[0]]))
  const [offset, length] = [Number(place.get('offset')), Number(place.get('length'))]
  const bytes = weights.slice(offset, offset + length)
  return [texts(tensor, 8)[0] ?? '', { shape, values: Float64Array.from(new Float32Array(bytes.buffer)) }]
}

const each = (a: Value, work: (value: number) => number): Value => ({ ...a, values: a.values.map(work) })

/** Elementwise with rows of equal length, (C) standing for (1, C). */
const both =
  (work: (a: number, b: number) => number) =>
  ([a, b]: Value[]): Value => ({
    shape: a.shape.length > b.shape.length ? a.shape : b.shape,
    values: a.values.map((value, i) => work(value, b.values[i])),
  })

const operators: Readonly<Record<string, (inputs: Value[]) => Value>> = {
  Add: both((a, b) => a + b),
  Sub: both((a, b) => a - b),
  Mul: both((a, b) => a * b),
  Div: both((a, b) => a / b),
  Exp: ([x]) => each(x, Math.exp),
  Relu: ([x]) => each(x, (value) => Math.max(value, 0)),
  Sigmoid: ([x]) => each(x, (value) => 1 / (1 + Math.exp(-value))),
  Gather: ([matrix, index]) => {
    const columns = matrix.shape[1]
    const row = index.values[0]
    return { shape: [1, columns], values: matrix.values.slice(row * columns, (row + 1) * columns) }
  },
  // transB: x (1, K) · W (N, K)ᵀ
  Gemm: ([x, { shape, values }]) => {
    const [rows, columns] = shape
    const product = Float64Array.from({ length: rows }, (_, row) =>
      x.values.reduce((sum, value, c) => sum + value * values[row * columns + c], 0),
    )
    return { shape: [1, rows], values: product }
  },
  // x (1, K) · W (K, N)
  MatMul: ([x, { shape, values }]) => {
    const [, columns] = shape
    const product = Float64Array.from({ length: columns }, (_, column) =>
      x.values.reduce((sum, value, row) => sum + value * values[row * columns + column], 0),
    )
    return { shape: [1, columns], values: product }
  },
  LayerNormalization: ([x, scale, bias]) => {
    const C = x.values.length
    const mean = x.values.reduce((sum, value) => sum + value, 0) / C
    const variance = x.values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / C
    const normed = x.values.map(
      (value, i) => ((value - mean) / Math.sqrt(variance + 1e-5)) * scale.values[i] + bias.values[i],
    )
    return { shape: x.shape, values: normed }
  },
}
