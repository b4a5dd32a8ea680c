/**
 * @file How fast channels of RWKV-7 fade. Each token decides, d = exp(-exp(-1/2)·σ(w0 + tanh(…)·w2)), and the weights decide
 * within which bounds.
 */

import { inspectorWithBounds as within } from '../shared/inspect.ts'

/** Looks at states, and says between which bounds half-lives lie. */
export const inspectorWithBounds = within({
  base: 'att.w0',
  second: 'att.w2',
  halfLifeAt: (w) => Math.LN2 * Math.exp(0.5) * (1 + Math.exp(-w)),
})
