/** @file What a state with heads says about itself: how large its rows are. How fast it fades is mostly up to each token. */

import type { LayerInspection, ModelConfig } from '../../core/protocol.ts'
import { headSizeOf } from '../../core/tensor-spec.ts'
import type { Inspect, Version } from '../../forward/architecture.ts'

/** Looks at states. A look takes time proportional to the size of the state. */
export function inspector(config: ModelConfig): Inspect {
  const { L, C } = config
  const length = (2 + headSizeOf(config)) * C
  return (rows) => ({
    layers: Array.from({ length: L }, (_, layer) => {
      const own = rows.subarray(layer * length, (layer + 1) * length)
      return {
        norms: {
          attX: norm(own.subarray(0, C)),
          ffnX: norm(own.subarray(C, 2 * C)),
          s: norm(own.subarray(2 * C)),
        },
      }
    }),
  })
}

/** Where the decay of a channel comes from: base + tanh(…) · second, by the names in a block, and what it means. */
export interface BoundedDecay {
  readonly base: string
  readonly second: string
  /** In tokens; falls as the decay grows. */
  readonly halfLifeAt: (decay: number) => number
}

/**
 * The same as `inspector`, and between which bounds half-lives lie: tanh lies between -1 and 1, so what is added to the base
 * is at most the sum of |second| of the channel.
 */
export const inspectorWithBounds =
  ({ base, second, halfLifeAt }: BoundedDecay): Version<unknown, unknown>['inspector'] =>
  (config, vectors, sums) => {
    const none = new Float32Array(config.C)
    const bounds = Array.from({ length: config.L }, (_, layer) => {
      const [middle, reach] = [
        vectors.get(`blocks.${layer}.${base}`) ?? none,
        sums.get(`blocks.${layer}.${second}`) ?? none,
      ]
      const towards = (sign: 1 | -1) => middle.map((value, c) => halfLifeAt(value + sign * (reach[c] as number)))
      return { least: towards(1), most: towards(-1) }
    })
    return withLayers(config, (layer) => ({ halfLifeBounds: bounds[layer] as (typeof bounds)[number] }))
  }

/** The same as `inspector`, and the half-life of each channel, where the weights alone decide: `decay` is a vector's name. */
export const inspectorWithHalfLife =
  ({
    decay,
    halfLifeAt,
  }: { readonly decay: string } & Pick<BoundedDecay, 'halfLifeAt'>): Version<unknown, unknown>['inspector'] =>
  (config, vectors) => {
    const lives = Array.from({ length: config.L }, (_, layer) => {
      const values = vectors.get(`blocks.${layer}.${decay}`) ?? new Float32Array(config.C)
      const each = config.C / values.length // channels to a number: a head's, where it has one
      return Float32Array.from({ length: config.C }, (_, c) => halfLifeAt(values[Math.floor(c / each)] as number))
    })
    return withLayers(config, (layer) => ({ halfLife: lives[layer] as Float32Array }))
  }

/** A look at a state, with what is known of each layer whatever the state. */
function withLayers(config: ModelConfig, known: (layer: number) => Partial<LayerInspection>): Inspect {
  const inspect = inspector(config)
  return (rows) => ({ layers: inspect(rows).layers.map((layer, i) => ({ ...layer, ...known(i) })) })
}

/** √Σx². */
function norm(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0))
}
