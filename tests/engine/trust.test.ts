import { expect, test } from 'vitest'
import type { HeldFormat } from '../../src/core/weight-layout.ts'
import { requireTrust } from '../../src/engine/trust.ts'
import { createByteSource } from '../../src/file/byte-source.ts'
import { openCheckpoint } from '../../src/file/checkpoint.ts'
import type { Architecture } from '../../src/forward/architecture.ts'
import type { Backend } from '../../src/forward/backend.ts'
import { createWasmBackend } from '../../src/forward/wasm-backend.ts'
import { inferConfig } from '../../src/model/config.ts'
import { planWeights, productFormats, type WeightPlan } from '../../src/model/weight-plan.ts'
import { architectures } from '../../src/rwkv/index.ts'
import { seededGguf } from '../tools/seeded-gguf.ts'

const ranks = { v: 32, w: 64, a: 64, g: 128 }
const config = { version: 7, L: 2, C: 256, F: 256, V: 300, headSize: 64, ranks } as const

/** A backend that tells what it was tested with. */
async function watched(plans: WeightPlan[]): Promise<Backend> {
  const backend = await createWasmBackend()
  return {
    ...backend,
    createPlace(onStep) {
      const place = backend.createPlace(onStep)
      return {
        ...place,
        placeModel(options) {
          plans.push(options.plan)
          return place.placeModel(options)
        },
      }
    },
  }
}

test.each(['auto', 'q8', 'q4', 'f16'] as const)(
  'a model is trusted once every format of its matrices was tested in the place where it has it: %s',
  async (weights) => {
    const typeOf = (name: string) =>
      name === 'head.weight' ? 'Q6_K' : name === 'emb.weight' || name.includes('att') ? 'Q8_0' : 'Q4_0'
    const checkpoint = await openCheckpoint(createByteSource('m.gguf', await seededGguf(config, typeOf)))
    const { version: architecture, tensors } = inferConfig<Architecture>(checkpoint, architectures)
    const specs = [...architecture.tensors(config)]
    const plan = planWeights({ weights, specs, tensors })
    const plans: WeightPlan[] = []
    const backend = await watched(plans)
    await requireTrust(backend, { architecture, weights, plan, specs, tensors })
    const testedAs = (name: string) => plans.map((one) => one.get(name))
    expect(testedAs('emb.weight')).toContain(plan.get('emb.weight'))
    expect(testedAs('head.weight')).toContain(plan.get('head.weight'))
    const tested = new Set<HeldFormat | undefined>(plans.flatMap((one) => [...one.values()]))
    for (const format of productFormats(plan, specs)) expect(tested).toContain(format)
    const before = plans.length
    await requireTrust(backend, { architecture, weights, plan, specs, tensors })
    expect(plans.length).toBe(before)
  },
)
