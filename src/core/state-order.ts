/** @file The rows of a state: their shape, their names, and the same rows in the order of other programs. */

import { RwkvError } from './errors.ts'
import { checkOptions, string, type Table } from './kinds.ts'
import type { ModelInfo } from './protocol.ts'

type StateInfo = Pick<ModelInfo, 'state' | 'config'>

/**
 * The shape of a state.
 *
 * @example
 * ```ts
 * import { loadModel, stateShape } from 'rwkv.js'
 *
 * const model = await loadModel('/models/storyteller/')
 * console.log(stateShape(model.info).join(', ')) // → 6, 5, 192
 * await model.dispose()
 * ```
 */
export function stateShape({ state, config: { L, C } }: StateInfo): readonly [L: number, R: number, C: number] {
  return [L, state.reduce((sum, { count }) => sum + count, 0), C]
}

/** The names of its rows in their order, such as "attX ffnX wkv*64". */
export const stateRows = ({ state }: StateInfo): string =>
  state.map(({ name, count }) => (count === 1 ? name : `${name}*${count}`)).join(' ')

/** What `reorderState` takes: the names of a layer's rows, separated by spaces; default: those of `ModelInfo.state`. */
export interface ReorderState {
  readonly from?: string
  readonly to?: string
}

const reorderOptions: Table<ReorderState> = { from: string, to: string }

/**
 * f32 (L, R, C) with the rows of each layer in another order: a copy. Of RWKV-4, `attX aa bb pp ffnX` is the order of
 * ChatRWKV's package and of web-rwkv, `ffnX attX aa bb pp` that of RWKV_in_150_lines and rwkv.cpp.
 * @throws RwkvError `option/invalid` for an order that does not name each of the rows once
 *
 * @example
 * ```ts
 * import { loadModel, reorderState } from 'rwkv.js'
 *
 * const model = await loadModel('/models/storyteller/')
 * const state = await model.createState()
 * await state.feed([1])
 * const rows = await state.read()
 * const theirs = reorderState(rows, model.info, { to: 'attX aa bb pp ffnX' })
 * console.log(reorderState(theirs, model.info, { from: 'attX aa bb pp ffnX' }).join() === rows.join()) // → true
 * await model.dispose()
 * ```
 */
export function reorderState(
  state: Float32Array,
  { state: rows, config: { C } }: StateInfo,
  orders: ReorderState,
): Float32Array<ArrayBuffer> {
  const { from, to } = checkOptions('order', reorderOptions, orders)
  const ours = rows.map(({ name }) => name)
  const namesOf = (order: string | undefined): readonly string[] => {
    const names = order === undefined ? ours : order.split(' ')
    if (names.toSorted().join() === ours.toSorted().join()) return names
    throw new RwkvError('option/invalid', `The order of rows is '${order}'; expected each of ${ours.join(' ')} once.`)
  }
  const lengthOf = (name: string) => (rows.find((one) => one.name === name)?.count ?? 0) * C
  let length = 0
  const starts = new Map<string, number>()
  for (const name of namesOf(from)) {
    starts.set(name, length)
    length += lengthOf(name)
  }
  const order = namesOf(to)
  const reordered = new Float32Array(state.length)
  let at = 0
  for (let layer = 0; layer < state.length; layer += length) {
    for (const name of order) {
      const start = layer + (starts.get(name) ?? 0)
      reordered.set(state.subarray(start, start + lengthOf(name)), at)
      at += lengthOf(name)
    }
  }
  return reordered
}
