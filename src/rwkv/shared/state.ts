/** @file What a layer remembers of which the heads have matrices, from RWKV-5 on: two shift rows, and a matrix a head. */

import type { ModelConfig, StateRows } from '../../core/protocol.ts'
import { headSizeOf } from '../../core/tensor-spec.ts'

/** In the order in which they lie in the state, which the shaders know. S lies head by head, (key channel, value channel). */
export const state = (config: ModelConfig): readonly StateRows[] => [
  { name: 'attX', count: 1, initial: 0, about: 'Last token, for time-mix' },
  { name: 'ffnX', count: 1, initial: 0, about: 'Last token, for channel-mix' },
  { name: 's', count: headSizeOf(config), initial: 0, about: 'Values by key, a matrix a head' },
]
