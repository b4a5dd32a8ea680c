/** @file Where a mark may begin at the end of a text that is not whole yet. */

/** Length of the longest end of `text` that `mark` begins with, less than all of it. */
export function overlap(text: string, mark: string): number {
  for (let length = Math.min(mark.length - 1, text.length); length > 0; length--) {
    if (text.endsWith(mark.slice(0, length))) return length
  }
  return 0
}
