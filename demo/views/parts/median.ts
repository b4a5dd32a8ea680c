/** @file The middle of what was measured. */

/** The middle value, of an even number the upper of the two; 0 if there is none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? 0
}
