/** @file Sets of characters, and how they are written: in UTF-8 as they are, or as in the strings of JSON. */

import { between, choice, type Node } from './node.ts'
import { oneOf } from './texts.ts'

/** Code points from the first to the second. */
export type CodeRange = readonly [from: number, to: number]

/** How a set of characters is written. */
export type WriteCharacters = (ranges: readonly CodeRange[]) => Node

/** The last character. */
export const LAST = 0x10ffff

/** All characters. Surrogates are none: UTF-8 cannot hold them, so they are left out where a set is written. */
export const ANY: readonly CodeRange[] = [[0, LAST]]

/** In order, without overlaps. */
function merged(ranges: readonly CodeRange[]): CodeRange[] {
  const all: [number, number][] = []
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = all.at(-1)
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to)
    else all.push([from, to])
  }
  return all
}

/** In order, without gaps or overlaps that need not be, and without surrogates. */
export function normalize(ranges: readonly CodeRange[]): CodeRange[] {
  return merged(ranges).flatMap(([from, to]): CodeRange[] => [
    ...(from < 0xd800 ? [[from, Math.min(to, 0xd7ff)] as const] : []),
    ...(to > 0xdfff ? [[Math.max(from, 0xe000), to] as const] : []),
  ])
}

/** All other code points. */
export function invert(ranges: readonly CodeRange[]): CodeRange[] {
  const others: CodeRange[] = []
  let from = 0
  for (const [first, last] of merged(ranges)) {
    if (first > from) others.push([from, first - 1])
    from = last + 1
  }
  if (from <= LAST) others.push([from, LAST])
  return others
}

const encoder = new TextEncoder()
const bytesOf = (code: number): number[] => [...encoder.encode(String.fromCodePoint(code))]

/** As they are. */
export const writePlain: WriteCharacters = (ranges) =>
  choice(
    ...normalize(ranges).flatMap(([from, to]) =>
      // By the number of their bytes.
      [0, 0x80, 0x800, 0x10000].flatMap((least, i, all) => {
        const most = (all[i + 1] ?? LAST + 1) - 1
        const [low, high] = [Math.max(from, least), Math.min(to, most)]
        return low > high ? [] : [between(bytesOf(low), bytesOf(high), 0x80, 0xbf)]
      }),
    ),
  )

/** `text`, without halves of surrogate pairs, as `write` writes its characters. */
export const writtenAs = (write: WriteCharacters, text: string): string =>
  write === writeInString ? JSON.stringify(text).slice(1, -1) : text

const ESCAPED: readonly CodeRange[] = [
  [0, 0x1f],
  [0x22, 0x22],
  [0x5c, 0x5c],
]

/**
 * In a string of JSON, each in the one way in which `JSON.stringify` writes it: so many characters of text are so many
 * characters of the string, and what is forbidden has no second spelling.
 */
export const writeInString: WriteCharacters = (ranges) => {
  const wanted = normalize(ranges)
  const plain = invert([...invert(wanted), ...ESCAPED])
  const escapes = ESCAPED.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i))
    .filter((code) => wanted.some(([from, to]) => from <= code && code <= to))
    .map((code) => JSON.stringify(String.fromCodePoint(code)).slice(1, -1))
  return choice(writePlain(plain), oneOf(escapes))
}
