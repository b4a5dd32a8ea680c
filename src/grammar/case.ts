/** @file Characters that the flag `i` of a regular expression takes for each other. */

import type { CodeRange } from './characters.ts'

const LAST_CASED = 0x1e943
const groups = new Map<boolean, ReadonlyMap<number, readonly number[]>>()

/** These characters, and all that differ from one of them by case. */
export function withCases(ranges: readonly CodeRange[], isUnicode: boolean): CodeRange[] {
  const groupOf = groups.get(isUnicode) ?? findGroups(isUnicode)
  groups.set(isUnicode, groupOf)
  const isIn = (code: number) => ranges.some(([from, to]) => from <= code && code <= to)
  const [[from = 0, to = 0] = []] = ranges
  const groupsOf =
    ranges.length === 1 && from === to
      ? [groupOf.get(from) ?? []]
      : [...new Set(groupOf.values())].filter((group) => group.some(isIn))
  return [...ranges, ...groupsOf.flat().map((code): CodeRange => [code, code])]
}

/** By character: all that are the same to the flag, where there is more than itself. */
function findGroups(isUnicode: boolean): ReadonlyMap<number, readonly number[]> {
  const byKey = new Map<string, number[]>()
  for (let code = 0x41; code <= (isUnicode ? LAST_CASED : 0xffff); code++) {
    const character = String.fromCodePoint(code)
    if (character.toLowerCase() === character && character.toUpperCase() === character) continue
    const key = isUnicode ? folded(character) : capital(character)
    byKey.set(key, [...(byKey.get(key) ?? []), code])
  }
  return new Map(
    [...byKey.values()].flatMap((group) => (group.length > 1 ? group.map((code) => [code, group] as const) : [])),
  )
}

/** ECMA-262, Canonicalize, without the flag u: the capital, where it is one and does not lead into ASCII. */
function capital(character: string): string {
  const upper = character.toUpperCase()
  return upper.length > 1 || (character > '\x7f' && upper <= '\x7f') ? character : upper
}

/** ECMA-262, Canonicalize, with the flag u: alike where Unicode's simple case folding is. */
function folded(character: string): string {
  return character === 'ı' ? character : character.toLowerCase().toUpperCase() // ı is i in Turkic texts alone
}
