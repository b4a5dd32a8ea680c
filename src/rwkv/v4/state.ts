/** @file What a layer of RWKV-4 remembers: five rows of C numbers. */

import type { StateRows } from '../../core/protocol.ts'

/** In the order in which they lie in the state, which the shaders know. */
export const state = (): readonly StateRows[] => [
  { name: 'attX', count: 1, initial: 0, about: 'Last token, for time-mix' },
  { name: 'ffnX', count: 1, initial: 0, about: 'Last token, for channel-mix' },
  { name: 'aa', count: 1, initial: 0, about: 'Numerator of WKV', over: { name: 'bb', about: 'Mean of values' } },
  { name: 'bb', count: 1, initial: 0, about: 'Denominator of WKV' },
  // Nothing summed yet, and finite, for WGSL may assume that infinity does not occur.
  { name: 'pp', count: 1, initial: -1e30, about: 'Exponent of both' },
]
