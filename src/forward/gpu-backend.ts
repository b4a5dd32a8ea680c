/** @file The backend on WebGPU. */

import { createOwner } from '../core/dispose.ts'
import type { PresetName } from '../core/protocol.ts'
import { isFastestInF32 } from '../core/software-adapter.ts'
import { createTurns } from '../core/turns.ts'
import type { Gpu } from '../gpu/device.ts'
import { createKernelCache, type KernelCache } from '../gpu/dispatch-list.ts'
import { canProfile } from '../gpu/profile.ts'
import { createShare } from '../gpu/share.ts'
import { gatherNormSource } from '../kernels/gather-norm.ts'
import { gpuPreset, type Preset, softwarePreset, softwareSubgroupPreset } from '../kernels/preset.ts'
import { sampleSource } from '../kernels/sample.ts'
import { shiftMixSource } from '../kernels/shift-mix.ts'
import type { Backend, Place } from './backend.ts'
import { createForward, type GpuForward } from './forward.ts'
import { createGpuWeights } from './gpu-weights.ts'
import { checkMemory } from './memory.ts'
import { createStatePool } from './state-pool.ts'
import { initialState } from './state-rows.ts'

/** A backend whose kernels can be had with another preset. */
export interface GpuBackend extends Backend {
  readonly preset: PresetName
  /** This one, or one on the same device, whose kernels are tested anew. */
  withPreset(name: PresetName | undefined): GpuBackend
}

/** The backend over `gpu`, which goes with it. Models on it share their kernels. */
export function createGpuBackend(gpu: Gpu, wanted: PresetName | undefined): GpuBackend {
  const kernels = createKernelCache(gpu)
  const turns = createTurns() // a device has one stack of error scopes, so two loads would catch each other's errors
  const withPreset = (name: PresetName): GpuBackend => {
    const preset = presetOf(name, gpu)
    const { vendor, architecture } = gpu.adapter
    return {
      device: 'webgpu',
      adapter: gpu.adapter,
      preset: name,
      isFastestInF32: isFastestInF32(gpu.adapter),
      called: `This GPU (${[vendor, architecture].filter(Boolean).join(' ') || 'unnamed'})`,
      tested: new Map(),
      gone: gpu.gone,
      checkMemory: (options) => checkMemory(gpu, options),
      createPlace(onStep = () => {}) {
        const share = createShare(gpu, onStep)
        const place = createGpuPlace(share, { preset, kernels })
        return {
          ...place,
          end: share.end,
          prepare: (what, work) => turns(() => place.prepare(what, work)),
        }
      },
      withPreset(other) {
        return other === undefined || other === name ? this : withPreset(other)
      },
      dispose: () => gpu.dispose(),
    }
  }
  const own = wanted ?? (gpu.adapter.isFallback ? 'software' : 'gpu')
  for (const source of commonSources(presetOf(own, gpu))) kernels(source).catch(() => {}) // the model asks again
  return withPreset(own)
}

/** Kernels of every model, compiled before one is known: what takes longest first. */
const commonSources = (preset: Preset) => [
  sampleSource(preset),
  shiftMixSource(preset),
  gatherNormSource(preset, 'f32'), // of the last norm
]

/** A GPU that is to be computed on in the simplest way is not asked for subgroups. */
export function presetOf(name: PresetName, { adapter, device }: Gpu): Preset {
  if (name === 'gpu') return gpuPreset
  return adapter.isFallback && device.features.has('subgroups') ? softwareSubgroupPreset : softwarePreset
}

/** A place on `gpu` itself. */
export function createGpuPlace(
  gpu: Gpu,
  { preset, kernels }: { readonly preset: Preset; readonly kernels: KernelCache },
): Place {
  return {
    counters: gpu.counters,
    canProfile: canProfile(gpu),
    check: gpu.check,
    end() {},
    prepare: gpu.scoped,
    async placeModel({ architecture, config, plan, tensors }) {
      const owner = createOwner()
      const weights = owner.own(await createGpuWeights(gpu, { architecture, config, plan, tensors }))
      return {
        fill: weights.fill,
        async run(sizes) {
          const turns = createTurns()
          const made: { forward?: GpuForward } = {}
          const initial = initialState(architecture.state(config), config)
          const onGrow = async () => made.forward?.rebind()
          const pool = owner.own(createStatePool(gpu, { initial, layers: config.L, ...sizes, turns, onGrow }))
          const creating = createForward(gpu, { architecture, config, weights, pool, preset, turns, kernels })
          made.forward = owner.own(await creating)
          return { pool, forward: made.forward }
        },
        dispose: () => owner.dispose(),
      }
    },
  }
}
