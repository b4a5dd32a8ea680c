/**
 * @file The recurrent state of a model: for each layer R rows of C numbers, as its version describes them. Everything the
 * model remembers of a text is in them, whatever its length.
 */

import type { ModelConfig, StateRows } from '../core/protocol.ts'

/** f32 (L, R, C): the state before any token. */
export function initialState(rows: readonly StateRows[], { L, C }: ModelConfig): Float32Array<ArrayBuffer> {
  const layer = rows.flatMap(({ count, initial }) => new Array<number>(count * C).fill(initial))
  const state = new Float32Array(L * layer.length)
  for (let at = 0; at < state.length; at += layer.length) state.set(layer, at)
  return state
}
