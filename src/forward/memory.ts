/**
 * @file How much GPU memory a model takes, asked before anything of it is fetched: no user should wait for gigabytes that
 * cannot run.
 */

import { RwkvError } from '../core/errors.ts'
import { matrixSize, type TensorSpec, weightByteLength } from '../core/tensor-spec.ts'
import { rowByteLength } from '../core/weight-layout.ts'
import { defaultLimits, type Gpu } from '../gpu/device.ts'
import { planned, type WeightPlan } from '../model/weight-plan.ts'

/** What `checkMemory` takes. */
export interface CheckMemory {
  /** Of the model, for messages. */
  readonly name: string
  readonly tensors: Iterable<TensorSpec>
  readonly plan: WeightPlan
  /** Bytes that one state takes in one layer. */
  readonly layerStateByteLength: number
  /** Nothing of it has to be fetched: whether there is room shows at once when it is taken. */
  readonly isHere?: boolean
}

const PROBE_FROM = 256 * 1024 * 1024 // smaller models fit wherever WebGPU runs
const STORAGE = 0x80

/**
 * Refuse a model that cannot fit: one whose rows exceed a binding, or one for whose weights the GPU gives no memory, which
 * is tried and given back at once, unless the model is here.
 * @throws RwkvError `gpu/limits`, `gpu/out-of-memory`.
 */
export async function checkMemory(
  gpu: Gpu,
  { name, tensors, plan, layerStateByteLength, isHere }: CheckMemory,
): Promise<void> {
  const binding = defaultLimits.maxStorageBufferBindingSize
  const specs = [...tensors]
  const formatOf = (spec: TensorSpec) => planned(plan, spec)
  const tiles = specs.map(
    (
      spec, // matrices are split between tiles of 8 rows
    ) => (spec.kind === 'matrix' ? rowByteLength(formatOf(spec), matrixSize(spec)[1]) * 8 : 0),
  )
  const largest = tiles.reduce((most, bytes) => Math.max(most, bytes), layerStateByteLength)
  if (largest > binding) {
    throw new RwkvError(
      'gpu/limits',
      `${name} is too large for this GPU: a part of it that cannot be divided takes ${sayBytes(largest)}, the GPU takes ${sayBytes(binding)} at once. Take a smaller model.`,
    )
  }
  const needed = weightByteLength(specs, formatOf)
  if (isHere || needed < PROBE_FROM) return
  const tried: GPUBuffer[] = []
  try {
    await gpu.scoped(`${name}, whose weights take ${sayBytes(needed)}`, () => {
      for (let at = 0; at < needed; at += binding) {
        const size = Math.ceil(Math.min(binding, needed - at) / 16) * 16
        tried.push(gpu.device.createBuffer({ label: 'is there room?', size, usage: STORAGE }))
      }
    })
  } finally {
    for (const buffer of tried) buffer.destroy()
  }
}

/** A number of bytes, for messages. */
export function sayBytes(bytes: number): string {
  return bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`
}
