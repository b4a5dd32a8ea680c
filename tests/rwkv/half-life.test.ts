import { expect, test } from 'vitest'
import type { ModelConfig } from '../../src/core/protocol.ts'
import { readTensor } from '../../src/file/checkpoint.ts'
import { createSeededCheckpoint } from '../../src/model/seeded-checkpoint.ts'
import { tensorsOf } from '../../src/rwkv/tensors.ts'
import { v5 } from '../../src/rwkv/v5/v5.ts'
import { v6 } from '../../src/rwkv/v6/v6.ts'
import { createOracleModel } from '../oracle/oracle-model.ts'
import { expectClose } from '../tools/closeness.ts'

const sizes = { L: 2, C: 32, F: 64, V: 300, headSize: 16 } as const
const [L, C, R] = [sizes.L, sizes.C, 2 + sizes.headSize]
const empty = new Float32Array(L * R * C)
const ids = Array.from({ length: 20 }, (_, i) => (i * 37) % sizes.V)

/** A made-up model: its vectors and tensors by name, and the oracle over it. */
async function made(config: ModelConfig) {
  const checkpoint = createSeededCheckpoint(tensorsOf(config), 3)
  const tensors = new Map<string, Float32Array>()
  for (const name of checkpoint.tensors.keys()) tensors.set(name, await readTensor(checkpoint, name))
  return { tensors, oracle: await createOracleModel(checkpoint) }
}

test('the decays of every token of RWKV-6 lie within the bounds that its weights set', async () => {
  const config = { ...sizes, version: 6, ranks: { mix: 8, decay: 8 } } as const
  const { tensors, oracle } = await made(config)
  const sums = new Map<string, Float32Array>()
  for (const [name, values] of tensors)
    if (name.endsWith('time_decay_w2'))
      sums.set(
        name,
        Float32Array.from({ length: C }, (_, c) =>
          values.reduce((sum, value, i) => sum + (i % C === c ? Math.abs(value) : 0), 0),
        ),
      )
  const { layers } = v6.inspector(config, tensors, sums)(empty)
  let seen = 0
  oracle.feed(oracle.createState(), ids, (layer, name, values) => {
    if (name !== 'w') return
    values.forEach((decay, c) => {
      seen++
      const halfLife = Math.LN2 / -Math.log(decay)
      expect(halfLife).toBeGreaterThan(layers[layer].halfLifeBounds?.least[c] as number)
      expect(halfLife).toBeLessThan(layers[layer].halfLifeBounds?.most[c] as number)
    })
  })
  expect(seen).toBe(ids.length * L * C)
})

test.each([0, 1, 2] as const)('a state of RWKV-5.%d halves in its half-life', async (minor) => {
  const config = { ...sizes, version: 5, minor } as const
  const { tensors } = await made(config)
  const { layers } = v5.inspector(config, tensors, new Map())(empty)
  layers.forEach(({ halfLife = new Float32Array(0) }, layer) => {
    const decays = tensors.get(`blocks.${layer}.att.time_decay`) as Float32Array
    const left = halfLife.map((tokens, c) => {
      const decay = decays[Math.floor((c * decays.length) / C)]
      return Math.exp(-Math.exp(decay)) ** tokens
    })
    expectClose(left, new Float32Array(C).fill(0.5), { atol: 1e-5 })
  })
})
