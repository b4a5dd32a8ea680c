import { expect, test } from 'vitest'
import { type HeldFormat, levels } from '../../src/core/weight-layout.ts'
import { readTensor } from '../../src/file/checkpoint.ts'
import { coarseCheckpoint } from '../../src/forward/coarse.ts'
import { createSeededCheckpoint } from '../../src/model/seeded-checkpoint.ts'
import { architectures } from '../../src/rwkv/index.ts'
import { dequantize, encoded } from '../tools/dequantize.ts'

const [{ known, tensors }] = architectures
const specs = [...tensors(known.config)]
const matrices = specs.filter(({ kind }) => kind === 'matrix')
const seeded = createSeededCheckpoint(specs, known.seed)
const coarseIn = (format: HeldFormat) =>
  coarseCheckpoint(seeded, specs, new Map(matrices.map(({ name }) => [name, format])))

test.each(['q8', ...Object.keys(levels)] as HeldFormat[])(
  'a coarse model has the same values in %s',
  async (format) => {
    const checkpoint = coarseIn(format)
    for (const { name, shape } of matrices) {
      const { held } = checkpoint.tensors.get(name) ?? {}
      expect(held?.format).toBe(format)
      const rows = await held?.read(0, shape[0])
      const [values, expected] = [
        dequantize(rows ?? new Uint8Array(), format, shape[1]),
        await readTensor(checkpoint, name),
      ]
      expect(values.findIndex((value, i) => value !== expected[i])).toBe(-1)
      expect(values.length).toBe(expected.length)
      expect(new Set(values).size).toBeGreaterThan(20)
    }
  },
)

test.each(['f16', 'bf16'] as const)('every value of a coarse model is one of %s', async (format) => {
  const values = await readTensor(coarseIn('f32'), 'head.weight')
  expect(encoded(values, format, known.config.C).values).toEqual(values)
})
