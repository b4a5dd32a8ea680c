/**
 * @file The recurrent state of RWKV-4: for each layer five rows of C numbers, attX ffnX aa bb pp. Everything the model
 * remembers of a text is in them, whatever its length.
 */

import { RwkvError } from '../core/errors.ts'
import type { ModelConfig, StateOrder } from '../core/protocol.ts'

/** Order of a layer's rows in the pool. */
export const poolOrderV4: StateOrder = 'attX ffnX aa bb pp'

/** All orders that states are read and written in. */
const stateOrdersV4: readonly StateOrder[] = [poolOrderV4, 'attX aa bb pp ffnX', 'ffnX attX aa bb pp']

const ROWS = 5

/** Length of one state in f32s: 5·L·C. */
export function stateLengthV4({ L, C }: ModelConfig): number {
  return L * ROWS * C
}

/**
 * f32 (L, 5, C): the state before any token. All zeros but pp = -1e30: "nothing summed yet", and finite, for WGSL may
 * assume that infinity does not occur.
 */
export function initialStateV4(config: ModelConfig): Float32Array<ArrayBuffer> {
  const { L, C } = config
  const state = new Float32Array(stateLengthV4(config))
  for (let layer = 0; layer < L; layer++) {
    const pp = (layer * ROWS + rowsOf(poolOrderV4).indexOf('pp')) * C
    state.fill(-1e30, pp, pp + C)
  }
  return state
}

const rowsOf = (order: StateOrder): string[] => {
  if (stateOrdersV4.includes(order)) return order.split(' ')
  const known = stateOrdersV4.map((one) => `'${one}'`).join(', ')
  throw new RwkvError('option/invalid', `The order of rows is '${String(order)}'; expected one of ${known}.`)
}

/** f32 (L, 5, C) with its rows in another order: a copy. @throws RwkvError `option/invalid` for an order that is none */
export function reorderStateV4(
  state: Float32Array,
  { from, to, C }: { from: StateOrder; to: StateOrder; C: number },
): Float32Array<ArrayBuffer> {
  const sources = rowsOf(to).map((row) => rowsOf(from).indexOf(row))
  const reordered = new Float32Array(state.length)
  for (let layer = 0; layer < state.length; layer += ROWS * C) {
    sources.forEach((source, row) => {
      reordered.set(state.subarray(layer + source * C, layer + (source + 1) * C), layer + row * C)
    })
  }
  return reordered
}
