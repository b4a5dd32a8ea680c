/** @file The rows of a state, f32 (L, R, C), by what the model says of them, and what to say of them in numbers. Pure. */

import { type ModelInfo, type StateRows, stateShape } from '../../../src/index.ts'
import { text } from './text.ts'

/** What can be shown of each layer: rows of the state as they are, or divided by the row that gives them a meaning. */
export interface Shown {
  readonly label: string
  readonly rows: StateRows
  /** The row to divide by. */
  readonly by?: StateRows | undefined
}

/** All that can be shown, what means most first. */
export function shownOf(state: readonly StateRows[]): readonly Shown[] {
  const divided = state.flatMap((rows): Shown[] => {
    const { name, over } = rows
    const by = state.find((one) => one.name === over?.name)
    return over ? [{ label: sayRows(`${name} / ${over.name}`, over.about), rows, by }] : []
  })
  return [...divided, ...state.map((rows) => ({ label: sayRows(rows.name, rows.about), rows }))]
}

/** Such as "Numerator of WKV, aa". `about` is in English, for rows that the page does not know. */
const sayRows = (name: string, about: string) =>
  `${(text.rows as Readonly<Record<string, string>>)[name] ?? about}, ${name}`

/**
 * f32 (C) for each layer: the row; of the heads' matrices, for each value channel the root of the sum of its squares. What no
 * token has touched is 0.
 */
export function valuesOf(
  state: Float32Array,
  { rows, by }: Shown,
  info: Pick<ModelInfo, 'config' | 'state'>,
): Float32Array[] {
  const [L] = stateShape(info)
  const at = (layer: number, of: StateRows) => rowsOf(state, of, { info, layer })
  return Array.from({ length: L }, (_, layer) => {
    const first = at(layer, rows)
    if (by) {
      const divisor = at(layer, by)
      return first.map((value, c) => (divisor[c] ? value / (divisor[c] as number) : 0))
    }
    const initial = Math.fround(rows.initial)
    if (rows.count === 1) return first.map((value) => (value === initial ? 0 : value))
    const N = rows.count
    const squares = new Float32Array(first.length / N)
    first.forEach((value, i) => {
      const channel = Math.floor(i / (N * N)) * N + (i % N)
      squares[channel] = (squares[channel] as number) + value * value
    })
    return squares.map(Math.sqrt)
  })
}

/** The rows that are the heads' matrices, if the model has heads. */
export const matricesOf = (state: readonly StateRows[]): StateRows | undefined => state.find(({ count }) => count > 1)

/** f32 (N): a line of a head's matrix for each key channel, of its value channels. */
export function matrixOf(
  state: Float32Array,
  rows: StateRows,
  { head, ...place }: Place & { readonly head: number },
): Float32Array[] {
  const N = rows.count
  const all = rowsOf(state, rows, place)
  return Array.from({ length: N }, (_, key) => all.subarray((head * N + key) * N, (head * N + key + 1) * N))
}

/** A layer of a state of the model that `info` describes. */
interface Place {
  readonly info: Pick<ModelInfo, 'config' | 'state'>
  readonly layer: number
}

/** All of a layer's rows of a name, one after another. */
function rowsOf(state: Float32Array, rows: StateRows, { info, layer }: Place): Float32Array {
  const [, R, C] = stateShape(info)
  const before = info.state.slice(0, info.state.indexOf(rows)).reduce((sum, { count }) => sum + count, 0)
  const start = (layer * R + before) * C
  return state.subarray(start, start + rows.count * C)
}

/** Numbers of one layer. */
export interface Summary {
  readonly least: number
  readonly most: number
  /** √Σx². */
  readonly norm: number
}

/** The numbers beside the picture. */
export function summarize(values: Float32Array): Summary {
  let least = Infinity
  let most = -Infinity
  let sum = 0
  for (const value of values) {
    least = Math.min(least, value)
    most = Math.max(most, value)
    sum += value * value
  }
  return { least, most, norm: Math.sqrt(sum) }
}

/** The value that a share of all values does not exceed. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.round(share * (sorted.length - 1))] ?? 0
}
