/** @file Writing ONNX models: graphs node by node, and the file around them. Numbers are those of onnx.proto. */

import { encodeMessage, type Field, type Message, message } from './protobuf.ts'

/** Types of a tensor's elements. */
export const ELEMENT = { float: 1, int64: 7 } as const

const ATTRIBUTE = { float: 1, int: 2, ints: 7 } as const
const IR_VERSION = 8
const OPSET = 17

/** A graph's nodes in the making. */
export interface GraphWriter {
  readonly nodes: readonly Message[]
  /** Append a node of one output, whose name is given or made up, and is returned. */
  node(operator: string, inputs: readonly string[], options?: NodeOptions): string
}

/** What a node may have beside its inputs. */
export interface NodeOptions {
  readonly name?: string
  readonly attributes?: readonly Message[]
}

/** A graph without nodes. */
export function createGraphWriter(): GraphWriter {
  const nodes: Message[] = []
  return {
    nodes,
    node(operator, inputs, { name = `t${nodes.length}`, attributes = [] } = {}) {
      nodes.push(message([1, inputs], [2, name], [3, name], [4, operator], [5, attributes]))
      return name
    },
  }
}

const attribute = (name: string, type: number, field: Field) => message([1, name], field, [20, type])
export const floatAttribute = (name: string, float: number) => attribute(name, ATTRIBUTE.float, [2, { float }])
export const intAttribute = (name: string, value: number) => attribute(name, ATTRIBUTE.int, [3, value])
export const intsAttribute = (name: string, values: readonly number[]) => attribute(name, ATTRIBUTE.ints, [8, values])

/** A tensor that goes in or comes out. Sizes that are known when it runs have names. */
export function valueInfo(name: string, type: number, shape: readonly (number | string)[]): Message {
  const sizes = shape.map((size) => message([typeof size === 'number' ? 1 : 2, size]))
  const tensor = message([1, type], [2, message([1, sizes])])
  return message([1, name], [2, message([1, tensor])])
}

/** A constant within the file. */
export function initializer(
  name: string,
  shape: readonly number[],
  values: Float32Array<ArrayBuffer> | BigInt64Array<ArrayBuffer>,
): Message {
  const type = values instanceof Float32Array ? ELEMENT.float : ELEMENT.int64
  return message([1, shape], [2, type], [8, name], [9, new Uint8Array(values.buffer)])
}

/** What `encodeModel` takes. */
export interface OnnxGraphParts {
  readonly name: string
  readonly nodes: readonly Message[]
  readonly initializers: readonly Message[]
  readonly inputs: readonly Message[]
  readonly outputs: readonly Message[]
}

/** The bytes of a model file. */
export function encodeModel({ name, nodes, initializers, inputs, outputs }: OnnxGraphParts): Uint8Array<ArrayBuffer> {
  const graph = message([1, nodes], [2, name], [5, initializers], [11, inputs], [12, outputs])
  return encodeMessage(message([1, IR_VERSION], [2, 'rwkv.js tests'], [7, graph], [8, message([1, ''], [2, OPSET])]))
}
