/**
 * @file How much GPU memory a model takes, asked before anything of it is fetched: nobody should wait for gigabytes that
 * cannot run.
 */

import { RwkvError } from '../core/errors.ts'
import type { ModelConfig } from '../core/protocol.ts'
import { isQuantized, rowByteLength } from '../core/weight-layout.ts'
import type { Dtype } from '../file/checkpoint.ts'
import { defaultLimits, type Gpu } from '../gpu/device.ts'
import type { WeightCodec } from '../kernels/weight-codec.ts'
import { tensorsV4 } from '../model/names-v4.ts'
import { matrixFormat } from '../model/prepare.ts'

/** Bytes of a model's weights on the GPU: matrices as `matrixFormat` says, vectors in f32. */
export function weightByteLengthV4(config: ModelConfig, codec: WeightCodec, embedding: Dtype = 'F32'): number {
  let sum = 0
  for (const { name, shape } of tensorsV4(config)) {
    const [rows = 0, columns] = shape
    sum +=
      columns === undefined ? rows * 4 : rows * rowByteLength(matrixFormat(codec, { name, dtype: embedding }), columns)
  }
  return sum
}

/** Bytes of the matrices that are quantised, all together: what is kept of a quantised model. */
export function quantizedByteLengthV4(config: ModelConfig, codec: WeightCodec): number {
  let sum = 0
  for (const { name, shape } of tensorsV4(config)) {
    const [rows = 0, columns] = shape
    const own = matrixFormat(codec, { name, dtype: 'F32' })
    if (columns !== undefined && isQuantized(own)) sum += rows * rowByteLength(own, columns)
  }
  return sum
}

/** What `checkMemoryV4` takes. */
export interface CheckMemory {
  readonly config: ModelConfig
  readonly codec: WeightCodec
  /** What the file's embedding is; default F32. */
  readonly embedding?: Dtype | undefined
  /** Of the model, for messages. */
  readonly name: string
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
export async function checkMemoryV4(gpu: Gpu, { config, codec, embedding, name, isHere }: CheckMemory): Promise<void> {
  const binding = defaultLimits.maxStorageBufferBindingSize
  const widest = rowByteLength(codec, Math.max(config.C, config.F)) * 8 // matrices are split between tiles of 8 rows
  const state = config.L * 5 * config.C * 4
  if (widest > binding || state > binding) {
    throw new RwkvError(
      'gpu/limits',
      `${name} is too large for this GPU: a part of it that cannot be divided takes ${sayBytes(Math.max(widest, state))}, the GPU takes ${sayBytes(binding)} at once. Take a smaller model.`,
    )
  }
  const needed = weightByteLengthV4(config, codec, embedding)
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

function sayBytes(bytes: number): string {
  return bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`
}
