import { beforeAll, describe, expect, test } from 'vitest'
import { readTensor } from '../../../src/file/checkpoint.ts'
import { inferConfig } from '../../../src/model/config.ts'
import { architectures } from '../../../src/rwkv/index.ts'
import { createOracleState, forward } from '../../oracle/rwkv4.ts'
import { readMessage } from '../../tools/read-protobuf.ts'
import { seededCheckpoint } from '../../tools/seeded.ts'
import { relativeError } from '../statistics.ts'
import { type OnnxGraph, readOnnx, type Value } from './run-onnx.ts'
import { exportRwkv4, type OnnxModel, stateNames } from './rwkv4-onnx.ts'

describe.each(['MatMul', 'Gemm'] as const)('the exported graph with %s', (product) => {
  const sizes = { L: 2, C: 24, F: 40, V: 11 }
  const checkpoint = seededCheckpoint(sizes, 3)
  const { config } = inferConfig(checkpoint, architectures)
  let exported: OnnxModel
  let graph: OnnxGraph
  beforeAll(async () => {
    exported = await exportRwkv4(config, checkpoint, product)
    graph = readOnnx(exported.model, exported.weights)
  })

  test('read back and computed in float64, gives the logits of the oracle, step by step', async () => {
    const tensors = new Map<string, Float32Array>()
    for (const name of checkpoint.tensors.keys()) tensors.set(name, await readTensor(checkpoint, name))
    const weights = (name: string) => tensors.get(name) as Float32Array
    const oracle = createOracleState(sizes)
    let state: Record<string, Value> = Object.fromEntries(
      stateNames(sizes.L).map((name) => {
        const values = new Float64Array(sizes.C).fill(name.startsWith('pp') ? -1e30 : 0)
        return [name, { shape: [1, sizes.C], values }]
      }),
    )
    for (const id of [3, 10, 0, 3, 7]) {
      const { logits, ...next } = graph.run({ id: { shape: [1], values: Float64Array.of(id) }, ...state })
      expect(relativeError(logits.values, forward(weights, sizes, oracle, id))).toBeLessThan(1e-6)
      state = Object.fromEntries(stateNames(sizes.L).map((name) => [name, next[`next.${name}`]]))
    }
  })

  test('takes an id and the rows of the state, and gives logits and the next rows', () => {
    const rows = stateNames(sizes.L)
    expect(rows).toHaveLength(5 * sizes.L)
    expect(graph.inputs).toEqual(['id', ...rows])
    expect(graph.outputs).toEqual(['logits', ...rows.map((name) => `next.${name}`)])
  })

  test('says which versions of format and operators it is', () => {
    const model = readMessage(exported.model)
    expect(model.get(1)).toEqual([8n])
    expect(readMessage(model.get(8)?.[0] as Uint8Array<ArrayBuffer>).get(2)).toEqual([17n])
  })

  test('keeps its weights beside it, each on a page of its own', () => {
    expect(exported.model.length).toBeLessThan(100_000)
    expect(exported.weights.length % 4096).toBe(0)
  })
})
