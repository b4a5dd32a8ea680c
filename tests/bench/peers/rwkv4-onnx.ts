/**
 * @file One step of RWKV-4 as an ONNX graph: an id and the state go in, logits and the next state come out. Written from
 * the maths, as one would for a program that runs on ONNX; the weights lie in a file beside it. Source: arXiv 2305.13048.
 */

import type { ModelConfig } from '../../../src/core/protocol.ts'
import { type Checkpoint, readTensor } from '../../../src/file/checkpoint.ts'
import { tensorsOf } from '../../../src/rwkv/tensors.ts'
import {
  createGraphWriter,
  ELEMENT,
  encodeModel,
  floatAttribute,
  intAttribute,
  type NodeOptions,
  valueInfo,
} from '../../tools/onnx.ts'
import { type Message, message } from '../../tools/protobuf.ts'

/** A model in ONNX' two files. */
export interface OnnxModel {
  readonly model: Uint8Array<ArrayBuffer>
  /** Where `model` looks for its weights. */
  readonly weightsFile: string
  readonly weights: Uint8Array<ArrayBuffer>
}

/** Rows of a layer's state; each is an input (1, C) `NAME.LAYER` and an output `next.NAME.LAYER`. */
export const stateRows = ['attX', 'ffnX', 'aa', 'bb', 'pp'] as const

/** Names of the state's inputs. */
export function stateNames(L: number): string[] {
  return Array.from({ length: L }, (_, layer) => stateRows.map((row) => `${row}.${layer}`)).flat()
}

const EXTERNAL = 1 // onnx.proto's number for data in another file
const WEIGHTS_FILE = 'rwkv4.weights'
const ALIGN = 4096 // of external data, so that it can be mapped

/**
 * How a matrix times a row is said: `MatMul` by the transposed matrix, as exporters of PyTorch write a linear layer without
 * bias, or `Gemm` by the matrix as it is.
 */
export type ProductOperator = 'MatMul' | 'Gemm'

/** Export a model. Holds all its weights in memory, in f32. */
export async function exportRwkv4(
  config: ModelConfig,
  checkpoint: Checkpoint,
  product: ProductOperator,
): Promise<OnnxModel> {
  const { L, C, V } = config
  const { nodes, node } = createGraphWriter()
  const named = (name: string | undefined): NodeOptions => (name === undefined ? {} : { name })
  const add = (a: string, b: string, name?: string) => node('Add', [a, b], named(name))
  const sub = (a: string, b: string) => node('Sub', [a, b])
  const mul = (a: string, b: string) => node('Mul', [a, b])
  const exp = (a: string) => node('Exp', [a])
  const sigmoid = (a: string) => node('Sigmoid', [a])
  /** max(a, b); not every runtime has Max on the GPU. */
  const max = (a: string, b: string, name?: string) => add(b, node('Relu', [sub(a, b)]), name)
  const times = (weight: string, x: string, name?: string) =>
    node(product, [x, weight], {
      attributes: product === 'Gemm' ? [intAttribute('transB', 1)] : [],
      ...named(name),
    })
  const norm = (x: string, name: string, as?: string) =>
    node('LayerNormalization', [x, `${name}.weight`, `${name}.bias`], {
      attributes: [floatAttribute('epsilon', 1e-5)],
      ...named(as),
    })
  /** before + mix · (a - before) = a · mix + before · (1 - mix) */
  const mix = (a: string, before: string, weight: string) => add(before, mul(weight, sub(a, before)))

  function timeMix(x: string, i: number): string {
    const att = `blocks.${i}.att`
    const [before, aa, bb, pp] = [`attX.${i}`, `aa.${i}`, `bb.${i}`, `pp.${i}`]
    const a = norm(x, `blocks.${i}.ln1`, `next.attX.${i}`)
    const k = times(`${att}.key.weight`, mix(a, before, `${att}.time_mix_k`))
    const v = times(`${att}.value.weight`, mix(a, before, `${att}.time_mix_v`))
    const r = times(`${att}.receptance.weight`, mix(a, before, `${att}.time_mix_r`))
    const bonus = add(`${att}.time_first`, k)
    let q = max(pp, bonus)
    let [e1, e2] = [exp(sub(pp, q)), exp(sub(bonus, q))]
    const seen = node('Div', [add(mul(e1, aa), mul(e2, v)), add(mul(e1, bb), e2)])
    const faded = add(pp, `${att}.time_decay`)
    q = max(faded, k, `next.pp.${i}`)
    ;[e1, e2] = [exp(sub(faded, q)), exp(sub(k, q))]
    add(mul(e1, aa), mul(e2, v), `next.aa.${i}`)
    add(mul(e1, bb), e2, `next.bb.${i}`)
    return times(`${att}.output.weight`, mul(sigmoid(r), seen))
  }

  function channelMix(x: string, i: number): string {
    const ffn = `blocks.${i}.ffn`
    const b = norm(x, `blocks.${i}.ln2`, `next.ffnX.${i}`)
    const k = node('Relu', [times(`${ffn}.key.weight`, mix(b, `ffnX.${i}`, `${ffn}.time_mix_k`))])
    const r = times(`${ffn}.receptance.weight`, mix(b, `ffnX.${i}`, `${ffn}.time_mix_r`))
    return mul(sigmoid(r), times(`${ffn}.value.weight`, mul(k, k)))
  }

  let x = norm(node('Gather', ['emb.weight', 'id']), 'blocks.0.ln0')
  for (let i = 0; i < L; i++) {
    x = add(x, timeMix(x, i))
    x = add(x, channelMix(x, i))
  }
  times('head.weight', norm(x, 'ln_out'), 'logits')

  const { initializers, weights } = await externalWeights(config, checkpoint, product)
  const rows = stateNames(L)
  const model = encodeModel({
    name: 'rwkv-4 step',
    nodes,
    initializers,
    inputs: [valueInfo('id', ELEMENT.int64, [1]), ...rows.map((name) => valueInfo(name, ELEMENT.float, [1, C]))],
    outputs: [
      valueInfo('logits', ELEMENT.float, [1, V]),
      ...rows.map((name) => valueInfo(`next.${name}`, ELEMENT.float, [1, C])),
    ],
  })
  return { model, weightsFile: WEIGHTS_FILE, weights }
}

/** All tensors in f32 in one file, the decay as w = -exp(time_decay), and what tells a graph where each lies. */
async function externalWeights(config: ModelConfig, checkpoint: Checkpoint, product: ProductOperator) {
  const specs = [...tensorsOf(config)].map((spec) => ({ ...spec, length: spec.shape.reduce((a, b) => a * b, 4) }))
  const weights = new Uint8Array(specs.reduce((sum, { length }) => sum + aligned(length), 0))
  const initializers: Message[] = []
  let offset = 0
  for (const { name, shape, length } of specs) {
    const values = await readTensor(checkpoint, name)
    const isTransposed = product === 'MatMul' && shape.length === 2 && name !== 'emb.weight'
    const decayed = name.endsWith('time_decay') ? values.map((raw) => -Math.exp(raw)) : values
    const stored = isTransposed ? transposed(decayed, shape) : decayed
    weights.set(new Uint8Array(stored.buffer), offset)
    const place = { location: WEIGHTS_FILE, offset: `${offset}`, length: `${length}` }
    const external = Object.entries(place).map(([key, value]) => message([1, key], [2, value]))
    initializers.push(
      message(
        [1, isTransposed ? shape.toReversed() : shape],
        [2, ELEMENT.float],
        [8, name],
        [13, external],
        [14, EXTERNAL],
      ),
    )
    offset += aligned(length)
  }
  return { initializers, weights }
}

function transposed(values: Float32Array, [rows = 0, columns = 0]: readonly number[]): Float32Array<ArrayBuffer> {
  const result = new Float32Array(values.length)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      result[column * rows + row] = values[row * columns + column] as number
    }
  }
  return result
}

const aligned = (length: number) => Math.ceil(length / ALIGN) * ALIGN
