import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Checkpoint } from '../../src/file/checkpoint.ts'
import { inferConfig } from '../../src/model/config.ts'
import { findRescaling, isRescaled } from '../../src/model/rescaled.ts'
import { architectures } from '../../src/rwkv/index.ts'
import { randomArray } from '../tools/random-array.ts'
import { checkpointOf, huggingFaceName, rwkv4Tensors } from './rwkv4-tensors.ts'

/** What transformers does to the norm of block `i`. */
const divided = (norm: number, i: number) => norm / 2 ** Math.floor(i / 6)

/** Norms of two kinds of matrices, which differ from block to block by noise and go up or down with depth. */
const norms = fc
  .record({
    L: fc.integer({ min: 7, max: 32 }),
    noise: fc.array(fc.double({ min: 0.94, max: 1.06, noNaN: true }), { minLength: 64, maxLength: 64 }),
    slope: fc.double({ min: 0.95, max: 1.05, noNaN: true }),
  })
  .map(({ L, noise, slope }) =>
    [0, 32].map((from) => Array.from({ length: L }, (_, i) => 3 * slope ** i * (noise[from + i] as number))),
  )

describe('norms of blocks', () => {
  test('are those of a model that had been run exactly when every sixth block halves them', () => {
    const law = fc.property(norms, (of) => {
      expect(isRescaled(of)).toBe(false)
      expect(isRescaled(of.map((blocks) => blocks.map(divided)))).toBe(true)
    })
    fc.assert(law)
  })

  test.each<[string, (norm: number, i: number, kind: number) => number]>([
    ['one kind of matrix alone halves', (norm, i, kind) => (kind ? norm : divided(norm, i))],
    ['every fifth block halves', (norm, i) => norm / 2 ** Math.floor(i / 5)],
    ['every block halves', (norm, i) => norm / 2 ** i],
    ['every sixth block doubles', (norm, i) => norm * 2 ** Math.floor(i / 6)],
    ['every sixth block is a quarter', (norm, i) => norm / 4 ** Math.floor(i / 6)],
    ['the sixth block halves and the twelfth does not', (norm, i) => (i < 6 ? norm : norm / 2)],
  ])('are not, where %s', (_, change) => {
    const law = fc.property(norms, (of) => {
      fc.pre((of[0]?.length ?? 0) > 12)
      expect(isRescaled(of.map((blocks, kind) => blocks.map((norm, i) => change(norm, i, kind))))).toBe(false)
    })
    fc.assert(law)
  })
})

describe('a file', () => {
  const sizes = { L: 13, C: 32, F: 64, V: 8 }
  /** By Hugging Face's or by official names; as it was trained, or after it had been run. */
  const write = (dtype: string, { wasRun = false, isOfficial = false }) =>
    checkpointOf(
      rwkv4Tensors(sizes, dtype).map((tensor, seed) => {
        const block = Number(/^blocks\.(\d+)\.(att\.output|ffn\.value)/.exec(tensor.name)?.[1] ?? 0)
        const length = tensor.shape.reduce((product, size) => product * size, 1)
        const values = randomArray(seed, length).map((value) => (wasRun ? divided(value, block) : value))
        return { ...tensor, name: isOfficial ? tensor.name : huggingFaceName(tensor.name), values }
      }),
    )
  const warningsOf = async (checkpoint: Checkpoint) =>
    findRescaling({ checkpoint, ...inferConfig(checkpoint, architectures) })

  test.each(['F32', 'F16', 'BF16'])('that was saved after it had been run is told, in %s', async (dtype) => {
    expect(await warningsOf(await write(dtype, { wasRun: true }))).toEqual([
      expect.stringMatching(/^small\.safetensors was saved after transformers had run it: .*halve at block 6/),
    ])
    expect(await warningsOf(await write(dtype, {}))).toEqual([])
  })

  test('by official names, which transformers does not write, is not read for it', async () => {
    const checkpoint = await write('F32', { isOfficial: true, wasRun: true })
    const read = () => Promise.reject(new Error('was read'))
    expect(await warningsOf({ ...checkpoint, read })).toEqual([])
  })
})
