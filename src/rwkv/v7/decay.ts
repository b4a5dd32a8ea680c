/**
 * @file How fast channels of RWKV-7 fade. Each token decides, d = exp(-exp(-1/2)·σ(w0 + tanh(…)·w2)), and the weights decide
 * within which bounds: tanh lies between -1 and 1, so what is added to w0 is at most the sum of |w2| of the channel.
 */

import type { Inspect, Version } from '../../forward/architecture.ts'
import { inspector } from '../shared/inspect.ts'

/** The same as `inspector`, and between which bounds half-lives lie. */
export const inspectorWithBounds: Version<unknown, unknown>['inspector'] = (config, vectors, sums): Inspect => {
  const none = new Float32Array(config.C)
  const bounds = Array.from({ length: config.L }, (_, layer) => {
    const [w0, reach] = [vectors.get(`blocks.${layer}.att.w0`) ?? none, sums.get(`blocks.${layer}.att.w2`) ?? none]
    const towards = (sign: 1 | -1) => w0.map((value, c) => halfLifeAt(value + sign * (reach[c] as number)))
    return { least: towards(1), most: towards(-1) }
  })
  const inspect = inspector(config)
  return (rows) => ({
    layers: inspect(rows).layers.map((layer, i) => ({
      ...layer,
      halfLifeBounds: bounds[i] as (typeof bounds)[number],
    })),
  })
}

const halfLifeAt = (w: number) => Math.LN2 * Math.exp(0.5) * (1 + Math.exp(-w))
