import { expect, test } from 'vitest'
import { createSeededCheckpoint } from '../../../src/model/seeded-checkpoint.ts'
import { inspectorWithBounds } from '../../../src/rwkv/v7/decay.ts'
import { tensors } from '../../../src/rwkv/v7/tensors.ts'
import { createOracleModel } from '../../oracle/oracle-model.ts'
import { expectClose } from '../../tools/closeness.ts'

const ranks = { v: 8, w: 8, a: 8, g: 8 }
const config = { version: 7, L: 3, C: 32, F: 64, V: 300, headSize: 16, ranks } as const
const { L, C } = config
const halfLifeOf = (decay: number) => Math.LN2 / -Math.log(decay)

test('the decays of every token lie within the bounds, and the bounds are reached where every tanh is 1', async () => {
  const checkpoint = createSeededCheckpoint(tensors(config), 3)
  const read = async (name: string) => {
    const tensor = checkpoint.tensors.get(name)
    if (!tensor) throw new Error(name)
    return new Float32Array((await checkpoint.read(tensor, 0, tensor.byteLength)).slice().buffer)
  }
  const layers = Array.from({ length: L }, (_, layer) => `blocks.${layer}.att`)
  const vectors = new Map<string, Float32Array>()
  const sums = new Map<string, Float32Array>()
  for (const att of layers) {
    vectors.set(`${att}.w0`, await read(`${att}.w0`))
    const w2 = await read(`${att}.w2`)
    const sumOf = (c: number) => w2.reduce((sum, value, i) => sum + (i % C === c ? Math.abs(value) : 0), 0)
    sums.set(
      `${att}.w2`,
      Float32Array.from({ length: C }, (_, c) => sumOf(c)),
    )
  }
  const inspection = inspectorWithBounds(config, vectors, sums)(new Float32Array(L * (2 + 16) * C))
  const bounds = inspection.layers.map(({ halfLifeBounds }) => halfLifeBounds)

  const oracle = await createOracleModel(checkpoint)
  let seen = 0
  oracle.feed(
    oracle.createState(),
    Array.from({ length: 40 }, (_, i) => (i * 37) % 300),
    (layer, name, values) => {
      if (name !== 'w') return
      values.forEach((decay, c) => {
        seen++
        expect(halfLifeOf(decay)).toBeGreaterThan(bounds[layer]?.least[c] as number)
        expect(halfLifeOf(decay)).toBeLessThan(bounds[layer]?.most[c] as number)
      })
    },
  )
  expect(seen).toBe(40 * L * C)

  const w0 = vectors.get(`${layers[1]}.w0`) as Float32Array
  const reach = sums.get(`${layers[1]}.w2`) as Float32Array
  for (const [bound, sign] of [
    ['least', 1],
    ['most', -1],
  ] as const) {
    const extreme = w0.map((value, c) => {
      const w = value + sign * (reach[c] as number)
      return halfLifeOf(Math.exp(-Math.exp(-0.5) / (1 + Math.exp(-w))))
    })
    expectClose(bounds[1]?.[bound] as Float32Array, extreme, { atol: 1e-4, rtol: 1e-5 })
  }
})
