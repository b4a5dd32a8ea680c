/** @file In which format each matrix of a model is held: the codec of a matrix is its own, not the model's. */

import type { LoadOptions } from '../core/protocol.ts'
import { matrixByteLength, matrixFormat, type TensorSpec } from '../core/tensor-spec.ts'
import type { HeldFormat } from '../core/weight-layout.ts'
import type { TensorEntry } from '../file/checkpoint.ts'
import { storedFormat } from './prepare.ts'

/** The formats of all matrices, by official names. */
export type WeightPlan = ReadonlyMap<string, HeldFormat>

/** What `planWeights` takes. */
export interface PlanWeights {
  /** What was asked for; default `auto`, by which each matrix is what the file has. */
  readonly weights?: LoadOptions['weights']
  readonly specs: readonly TensorSpec[]
  /** Official tensor name -> entry of the checkpoint; all of `specs`. */
  readonly tensors: ReadonlyMap<string, TensorEntry>
}

/** Choose the formats. Exact matrices, which are stacked whatever they are, are all of one: of several, f32 holds them all. */
export function planWeights({ weights = 'auto', specs, tensors }: PlanWeights): WeightPlan {
  const matrices = specs.filter(({ kind }) => kind === 'matrix')
  const formatOf = (spec: TensorSpec) => {
    const tensor = tensors.get(spec.name)
    const stored = tensor ? storedFormat(tensor) : 'f32'
    return matrixFormat(weights, spec, stored)
  }
  const ofExact = new Set(matrices.filter(({ isExact }) => isExact).map(formatOf))
  return new Map(
    matrices.map((spec) => [spec.name, spec.isExact && ofExact.size > 1 ? 'f32' : formatOf(spec)] as const),
  )
}

/** Whether both hold every matrix alike. */
export function isSamePlan(one: WeightPlan, other: WeightPlan): boolean {
  return one.size === other.size && [...one].every(([name, format]) => other.get(name) === format)
}

/** The format of a matrix. @throws RangeError for one that is not of the plan */
export function planned(plan: WeightPlan, { name }: Pick<TensorSpec, 'name'>): HeldFormat {
  const format = plan.get(name)
  if (!format) throw new RangeError(`no format for ${name}`)
  return format
}

/** The formats of what every token is multiplied by, the one with most bytes first. */
export function productFormats(plan: WeightPlan, specs: readonly TensorSpec[]): readonly HeldFormat[] {
  const bytes = new Map<HeldFormat, number>()
  for (const spec of specs) {
    if (spec.kind !== 'matrix' || spec.isExact || spec.name === 'emb.weight') continue
    const format = planned(plan, spec)
    bytes.set(format, (bytes.get(format) ?? 0) + matrixByteLength(spec, format))
  }
  return [...bytes].sort(([, a], [, b]) => b - a).map(([format]) => format)
}
