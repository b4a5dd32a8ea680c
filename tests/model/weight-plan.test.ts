import { describe, expect, test } from 'vitest'
import type { WeightFormat } from '../../src/core/protocol.ts'
import { type TensorSpec, weightByteLength } from '../../src/core/tensor-spec.ts'
import type { HeldFormat } from '../../src/core/weight-layout.ts'
import type { TensorEntry } from '../../src/file/checkpoint.ts'
import { isSamePlan, planned, planWeights, productFormats } from '../../src/model/weight-plan.ts'
import { tensorsOf } from '../../src/rwkv/tensors.ts'

const config = { version: 7, L: 2, C: 64, F: 256, V: 99, headSize: 16, ranks: { v: 8, w: 24, a: 16, g: 40 } } as const
const specs = [...tensorsOf(config)]

/** All tensors, F16 but for those that `other` knows. */
function tensorsWith(other: (name: string) => Partial<TensorEntry> | undefined): Map<string, TensorEntry> {
  return new Map(
    specs.map(({ name, shape }) => [
      name,
      { name, shape, dtype: 'F16', offset: 0, byteLength: 0, ...other(name) } as const,
    ]),
  )
}

const heldIn = (format: HeldFormat): Partial<TensorEntry> => ({
  dtype: 'F32',
  held: { format, read: async () => new Uint8Array() },
})

const planOf = (tensors: Map<string, TensorEntry>, weights?: WeightFormat) =>
  planWeights({ specs, tensors, ...(weights && { weights }) })

describe('the plan of a model', () => {
  const head = tensorsWith((name) => (name === 'head.weight' ? { dtype: 'F32' } : undefined))

  test('keeps every matrix as its file has it', () => {
    const plan = planOf(head)
    expect([...plan.keys()]).toEqual(specs.filter(({ kind }) => kind === 'matrix').map(({ name }) => name))
    for (const [name, format] of plan) expect([name, format]).toEqual([name, name === 'head.weight' ? 'f32' : 'f16'])
  })

  test('has low-rank matrices, which are stacked, all in one format, and never quantised', () => {
    const mixed = planOf(tensorsWith((name) => (name.endsWith('.w1') ? { dtype: 'F32' } : undefined)))
    const quantised = planOf(tensorsWith(() => heldIn('q8')))
    for (const { name, isExact } of specs.filter(({ kind }) => kind === 'matrix')) {
      expect([name, mixed.get(name)]).toEqual([name, isExact ? 'f32' : 'f16'])
      expect([name, quantised.get(name)]).toEqual([name, isExact ? 'f32' : 'q8'])
    }
  })

  test('holds blocks of GGUF, each in its format', () => {
    const tensors = tensorsWith((name) => heldIn(name === 'head.weight' ? 'q6_k' : 'q4_k'))
    const plan = planOf(tensors)
    for (const { name, isExact } of specs.filter(({ kind }) => kind === 'matrix')) {
      expect([name, plan.get(name)]).toEqual([name, isExact ? 'f32' : name === 'head.weight' ? 'q6_k' : 'q4_k'])
    }
    expect(productFormats(plan, specs)).toEqual(['q4_k', 'q6_k'])
    const turned = tensorsWith((name) =>
      name === 'head.weight' ? { ...heldIn('q6_k'), isTurned: true } : heldIn('q8'),
    )
    expect(planOf(turned).get('head.weight')).toBe('f32')
  })

  test('is what was asked for, but for the embedding and what is exact', () => {
    expect([...new Set(planOf(head, 'bf16').values())]).toEqual(['bf16'])
    const q4 = planOf(head, 'q4')
    for (const { name, isExact } of specs.filter(({ kind }) => kind === 'matrix'))
      expect(q4.get(name)).toBe(isExact || name === 'emb.weight' ? 'f16' : name === 'head.weight' ? 'q8' : 'q4')
  })

  test('tells apart whether anything is to be quantised', () => {
    const stored = tensorsWith((name) => (/emb|[wavg][12]$/.test(name) ? {} : heldIn('q8')))
    expect(isSamePlan(planOf(stored), planOf(stored, 'q8'))).toBe(true)
    expect(isSamePlan(planOf(head), planOf(head, 'q8'))).toBe(false)
  })

  test('says the formats of its products, those of most bytes first', () => {
    expect(productFormats(planOf(head), specs)).toEqual(['f16', 'f32'])
    expect(productFormats(planOf(head, 'q4'), specs)).toEqual(['q4', 'q8'])
  })

  test('is what its bytes are counted by', () => {
    const plain = weightByteLength(specs, (spec) => planned(planOf(tensorsWith(() => ({}))), spec))
    expect(weightByteLength(specs, (spec) => planned(planOf(head), spec))).toBe(plain + 99 * 64 * 2)
  })

  test('needs 1.11 GB for 1.5B in Q4_K_M, as llama.cpp writes it', () => {
    const large = [
      ...tensorsOf({
        ...config,
        L: 24,
        C: 2048,
        F: 8192,
        V: 65_536,
        headSize: 64,
        ranks: { v: 64, w: 96, a: 96, g: 256 },
      }),
    ]
    const formatOf = ({ name, isExact }: TensorSpec) => (isExact ? 'f32' : name === 'head.weight' ? 'q6_k' : 'q4_k')
    expect(weightByteLength(large, formatOf) / 1e9).toBeCloseTo(1.11, 2)
  })
})
