/** @file Weights in buffers of the GPU. */

import { createOwner, type Owned } from '../core/dispose.ts'
import type { ModelConfig } from '../core/protocol.ts'
import type { TensorEntry } from '../file/checkpoint.ts'
import { type Buffer, createBuffer } from '../gpu/buffer.ts'
import type { Gpu } from '../gpu/device.ts'
import { nudged } from '../gpu/nudge.ts'
import { codecAt, createMatrix, type Matrix, writeRows } from '../kernels/matrix.ts'
import type { WeightPlan } from '../model/weight-plan.ts'
import type { Architecture } from './architecture.ts'
import { createWeights, type EmptyWeights, type Weights } from './weights.ts'

/** All weights of a model on the GPU. */
export type GpuWeights = Weights<unknown, Buffer, Matrix>

/** What `createGpuWeights` takes. */
export interface CreateGpuWeights {
  readonly architecture: Architecture
  readonly config: ModelConfig
  readonly plan: WeightPlan
  /** Official tensor name -> entry of the checkpoint. */
  readonly tensors: ReadonlyMap<string, TensorEntry>
}

/**
 * Allocate the weights of a model. The creator disposes them.
 * @throws RwkvError `gpu/out-of-memory`; nothing stays allocated.
 */
export async function createGpuWeights(
  gpu: Gpu,
  options: CreateGpuWeights,
): Promise<EmptyWeights<unknown, Buffer, Matrix> & Owned> {
  const owner = createOwner()
  const memory = {
    createVectors: (label: string, length: number) =>
      owner.own(createBuffer(gpu, { label, byteLength: length * 4, use: 'storage' })),
    createMatrix: (of: Parameters<typeof createMatrix>[1]) => owner.own(createMatrix(gpu, of)),
    writeVector: (vectors: Buffer, place: number, values: Float32Array<ArrayBuffer>) =>
      gpu.device.queue.writeBuffer(vectors.gpu, place * 4, values),
    codecAt,
    writeRows: (matrix: Matrix, row: number, encoded: Uint8Array) => writeRows(gpu, matrix, row, encoded),
    check: gpu.check,
    settle: () => nudged(gpu, gpu.device.queue.onSubmittedWorkDone()),
  }
  const allocate = () => createWeights(memory, { ...options, layer: options.architecture.weights })
  const weights = await gpu.scoped('the weights of the model', allocate).catch((error: unknown) => {
    owner.dispose()
    throw error
  })
  return { ...weights, dispose: () => owner.dispose() }
}
