import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { createByteSource } from '../../src/file/byte-source.ts'
import { openCheckpoint, readTensor } from '../../src/file/checkpoint.ts'
import { readStartState } from '../../src/model/start-state.ts'
import { v7 } from '../../src/rwkv/v7/v7.ts'
import { goldenFolder7 } from '../tools/golden.ts'
import { buildSafetensors, type TensorToWrite } from '../tools/safetensors-bytes.ts'

const [L, C, H, N] = [3, 128, 2, 64]
const config = { version: 7, L, C, F: 512, V: 260, headSize: N, ranks: { v: 32, w: 64, a: 64, g: 128 } } as const
const rows = v7.state(config)
const of = { name: 'seven128', config, state: rows, tuned: v7.tuned }
const initial = new Float32Array(L * (2 + N) * C)

const open = (name: string, bytes: Uint8Array) => openCheckpoint(createByteSource(name, bytes))
const read = async (name: string, bytes: Uint8Array) => readStartState(await open(name, bytes), of, initial)
const official = await readFile(`${goldenFolder7}/models/seven128.time_state.pth`)
const values = await Promise.all(
  Array.from({ length: L }, async (_, layer) =>
    readTensor(await open('state.pth', official), `blocks.${layer}.att.time_state`),
  ),
)

/** A safetensors file of as many layers. */
const written = (layers: readonly Partial<TensorToWrite>[], prefix = '') =>
  buildSafetensors(
    layers.map((layer, i) => ({
      name: `${prefix}blocks.${i}.att.time_state`,
      dtype: 'F32',
      shape: [H, N, N],
      values: values[i],
      ...layer,
    })),
  )

describe('a start state', () => {
  test('of an official file is (head, value, key) there and (key, value) here, behind shifts of 0', async () => {
    const start = await read('state.pth', official)
    expect(start.length).toBe(initial.length)
    for (const [layer, head, key, value] of [
      [0, 0, 0, 1],
      [1, 1, 5, 63],
      [2, 1, 40, 2],
    ]) {
      const found = start[layer * (2 + N) * C + 2 * C + head * N * N + key * N + value]
      expect(found).toBe(values[layer][head * N * N + value * N + key])
    }
    expect(new Set(start.subarray(0, 2 * C))).toEqual(new Set([0]))
  })

  test("of web-rwkv's converter has keys first, in F16; another safetensors is as the official file", async () => {
    const start = await read('state.pth', official)
    expect(await read('state.safetensors', written([{}, {}, {}], 'model.'))).toEqual(start)
    const turned = values.map((all) =>
      all.map((_, at) => all[at - (at % (N * N)) + (at % N) * N + (Math.floor(at / N) % N)]),
    )
    const converted = await read('x.st', written(turned.map((one) => ({ dtype: 'F16', values: one }))))
    const apart = converted.findIndex((value, i) => Math.abs(value - start[i]) > 2 ** -11 * Math.abs(start[i]) + 1e-7)
    expect(apart).toBe(-1)
  })

  test.each<[string, Uint8Array, RegExp]>([
    ['fewer layers', written([{}, {}]), /of 2 layers of F32 \(2, 64, 64\); seven128 has 3 layers of \(2, 64, 64\)/],
    ['more layers', written([{}, {}, {}, { values: values[0] }]), /of 4 layers .* seven128 has 3 layers/],
    [
      'other heads',
      written([{}, {}, { shape: [4, 32, 64] }]),
      /of 3 layers of F32 \(4, 32, 64\); seven128 has 3 layers of \(2, 64, 64\)/,
    ],
    ['NaN', written([{}, { values: values[1].map(() => Number.NaN) }, {}]), /holds NaN .* blocks\.1\.att\.time_state/],
    [
      'another file',
      buildSafetensors([{ name: 'emb.weight', dtype: 'F32', shape: [2] }]),
      /is no start state.* emb\.weight/,
    ],
  ])('of %s is refused with what was found and what the model has', async (_, bytes, message) => {
    await expect(read('state.st', bytes)).rejects.toMatchObject({
      code: 'session/initial-state',
      message: expect.stringMatching(message),
    })
  })

  test('of a model without matrices in its state is refused', async () => {
    const four = {
      ...of,
      name: 'four',
      config: { version: 4, L, C, F: 512, V: 260 } as const,
      state: [],
      tuned: undefined,
    }
    await expect(readStartState(await open('s.pth', official), four, initial)).rejects.toThrow(
      'RWKV-4 models are not tuned',
    )
  })
})
