/**
 * @file Every kernel in every variant, as the engine hands it to the browser: compiled on Dawn's null backend, which has
 * the rules of Chromium and needs no driver. What judges WGSL by other rules takes its texts from here.
 */

import { readFileSync } from 'node:fs'
import type { BlockFormat } from '../../src/core/protocol.ts'
import { hasLevels, levels } from '../../src/core/weight-layout.ts'
import { coarseCheckpoint } from '../../src/forward/coarse.ts'
import { createGpu } from '../../src/gpu/device.ts'
import { gpuPreset, type Preset, softwarePreset, softwareSubgroupPreset } from '../../src/kernels/preset.ts'
import type { WeightCodec } from '../../src/kernels/weight-codec.ts'
import { createSeededCheckpoint } from '../../src/model/seeded-checkpoint.ts'
import { architectures } from '../../src/rwkv/index.ts'
import { createNullDawn } from './dawn.ts'
import { createForward } from './forward.ts'

/** A kernel as it is compiled: the whole text, and the values of its overrides. */
export interface ShaderVariant {
  readonly label: string
  readonly code: string
  readonly constants: Readonly<Record<string, number>>
}

const formats = ['f32', 'f16', 'bf16', 'q8', 'q4', ...(Object.keys(levels) as BlockFormat[])] as const

/** Presets and codecs, of which each pair is a set of kernels. */
export const variantKinds: readonly { readonly preset: Preset; readonly codec: WeightCodec }[] = [
  softwarePreset,
  softwareSubgroupPreset,
  gpuPreset,
].flatMap((preset) => formats.map((codec) => ({ preset, codec })))

/** The kernels of a model of each version with `codec` weights, all of its ways through them included. @throws if one does not compile. */
export async function compileVariants({ preset, codec }: (typeof variantKinds)[number]): Promise<ShaderVariant[]> {
  const gpu = await createGpu(createNullDawn())
  const variants: ShaderVariant[] = []
  const { device } = gpu
  const texts = new WeakMap<GPUShaderModule, string>()
  const createShaderModule = device.createShaderModule.bind(device)
  device.createShaderModule = (descriptor) => {
    const module = createShaderModule(descriptor)
    texts.set(module, descriptor.code)
    return module
  }
  const createComputePipelineAsync = device.createComputePipelineAsync.bind(device)
  device.createComputePipelineAsync = (descriptor) => {
    const { module, constants = {} } = descriptor.compute
    variants.push({
      label: `${descriptor.label}, ${preset.name}`,
      code: texts.get(module) ?? '',
      constants: constants as ShaderVariant['constants'],
    })
    return createComputePipelineAsync(descriptor)
  }
  try {
    for (const { tensors, known } of architectures) {
      const specs = [...tensors(known.config)]
      const seeded = createSeededCheckpoint(specs, known.seed)
      const plan = new Map(specs.map(({ name }) => [name, codec]))
      const [checkpoint, asked] = hasLevels(codec)
        ? ([coarseCheckpoint(seeded, specs, plan), 'auto'] as const)
        : ([seeded, codec] as const)
      const parts = await gpu.scoped('the forward pass', () => createForward(gpu, checkpoint, { codec: asked, preset }))
      const entry = { slot: await parts.pool.allocate(), ids: [0], outputs: 'none' } as const
      await parts.forward.trace(entry, { layers: [0], of: ['wkv'] })
      parts.dispose()
    }
    if (gpu.counters.gpuByteLength !== 0) throw new Error(`${gpu.counters.gpuByteLength} bytes of the GPU are left`)
  } finally {
    gpu.dispose()
  }
  return variants
}

/** All of them, each once, with the kernel that the view Bench adds. */
export async function allVariants(): Promise<ShaderVariant[]> {
  const code = readFileSync(new URL('../../demo/views/bench/stream.wgsl', import.meta.url), 'utf8')
  const distinct = new Map<string, ShaderVariant>()
  const bench = { label: 'stream, Bench', code, constants: { WORKGROUP: 64, INVOCATIONS: 16_384 } }
  for (const variant of [bench, ...(await Promise.all(variantKinds.map(compileVariants))).flat()]) {
    const { code, constants } = variant
    const key = JSON.stringify([code, constants])
    if (!distinct.has(key)) distinct.set(key, variant)
  }
  return [...distinct.values()]
}
