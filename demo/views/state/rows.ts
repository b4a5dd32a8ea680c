/** @file The rows of a state, f32 (L, 5, C), and what to say of them in numbers. Pure. */

/** What can be shown of each layer: one of its rows, or the mean of values that WKV keeps, aa / bb. */
export type Row = 'mean' | 'attX' | 'ffnX' | 'aa' | 'bb' | 'pp'

/** In the order of `Session.read()`. */
const ORDER: readonly Row[] = ['attX', 'ffnX', 'aa', 'bb', 'pp']
const NOTHING_YET = -1e29 // pp before the first token is -1e30

/** f32 (C) for each layer: the row, or the mean; what no token has touched is 0. */
export function rowOf(
  state: Float32Array,
  row: Row,
  { L, C }: { readonly L: number; readonly C: number },
): Float32Array[] {
  const at = (layer: number, name: Row) => {
    const start = (layer * ORDER.length + ORDER.indexOf(name)) * C
    return state.subarray(start, start + C)
  }
  return Array.from({ length: L }, (_, layer) => {
    if (row !== 'mean') return at(layer, row).map((value) => (value < NOTHING_YET ? 0 : value))
    const bb = at(layer, 'bb')
    return at(layer, 'aa').map((sum, c) => (bb[c] ? sum / (bb[c] as number) : 0))
  })
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
