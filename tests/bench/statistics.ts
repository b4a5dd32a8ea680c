/** @file What many timings come to. Medians, since a busy machine makes some of them long and none of them short. */

/** The middle of some values, and how far they spread. */
export interface Summary {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** The middle one of `values`, or the mean of the two in the middle; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length / 2
  return ((sorted[Math.ceil(half) - 1] ?? Number.NaN) + (sorted[Math.floor(half)] ?? Number.NaN)) / 2
}

/** Median, least and most of `values`. @throws RangeError if there are none. */
export function summarize(values: readonly number[]): Summary {
  if (values.length === 0) throw new RangeError('no values to summarize')
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) }
}

/** Root mean square of a - b, in standard deviations of b: how wrong logits are, whatever their scale. NaN of a NaN. */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const reference = Array.from(b)
  const mean = reference.reduce((sum, value) => sum + value, 0) / reference.length
  let wrong = a.length === reference.length ? 0 : Number.NaN
  let spread = 0
  reference.forEach((value, i) => {
    wrong += ((a[i] ?? Number.NaN) - value) ** 2
    spread += (value - mean) ** 2
  })
  return Math.sqrt(wrong / spread)
}
