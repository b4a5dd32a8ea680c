/** @file Numerals between two bounds, digit by digit. */

import { between, byteRange, choice, choiceOf, createRule, EMPTY, type Node, repeat, sequence } from './node.ts'
import { literal } from './texts.ts'

/** Doubles tell all numerals of so many digits apart. */
export const MOST_DIGITS = 15

const DIGIT = byteRange(0x30, 0x39)
const digits = (text: string): number[] => Array.from(text, (digit) => digit.charCodeAt(0))
const sameLength = (low: string, high: string): Node => between(digits(low), digits(high), 0x30, 0x39)

/**
 * The numerals from `low` to `high`, both counted in units of the last of `places` digits behind the point: whole numbers
 * of at most `MOST_DIGITS` digits. Zero has no sign.
 */
export function numerals(low: number, high: number, places: number): Node {
  const parts: Node[] = []
  if (high >= 0 && low <= high) parts.push(unsigned(Math.max(low, 0), high, places))
  if (low < 0 && low <= high) parts.push(sequence(literal('-'), unsigned(Math.max(1, -high), -low, places)))
  return choice(...parts)
}

function unsigned(low: number, high: number, places: number): Node {
  const unit = 10 ** places
  const [from, to] = [Math.floor(low / unit), Math.floor(high / unit)]
  const first = low % unit
  const last = high % unit
  const behind = (least: number, most: number) =>
    fraction(String(least).padStart(places, '0'), String(most).padStart(places, '0'))
  if (places === 0) return whole(from, to)
  if (from === to) return sequence(whole(from, to), behind(first, last))
  const parts = [sequence(whole(from, from), behind(first, unit - 1)), sequence(whole(to, to), behind(0, last))]
  if (from + 1 < to) parts.push(sequence(whole(from + 1, to - 1), behind(0, unit - 1)))
  return choice(...parts)
}

/** Numerals of whole numbers, by their lengths. */
function whole(from: number, to: number): Node {
  const parts: Node[] = []
  for (let length = String(from).length; length <= String(to).length; length++) {
    const least = length === 1 ? 0 : 10 ** (length - 1)
    parts.push(sameLength(String(Math.max(from, least)), String(Math.min(to, 10 ** length - 1))))
  }
  return choice(...parts)
}

/** The point and what is behind it; nothing where that may be zero. */
function fraction(low: string, high: string): Node {
  const written = sequence(literal('.'), cut(low, high))
  return isAll(low, '0') ? choice(EMPTY, written) : written
}

/** At least one of the digits between `low` and `high`; zeros at the end may be left out. */
function cut(low: string, high: string): Node {
  const [first, last] = [Number(low[0]), Number(high[0])]
  const [lows, highs] = [low.slice(1), high.slice(1)]
  const part = (from: number, to: number, least: string, most: string) =>
    sequence(byteRange(0x30 + from, 0x30 + to), rest(least, most))
  if (first === last) return part(first, first, lows, highs)
  const parts = [part(first, first, lows, highs.replace(/./g, '9')), part(last, last, lows.replace(/./g, '0'), highs)]
  if (first + 1 < last) parts.push(part(first + 1, last - 1, lows.replace(/./g, '0'), highs.replace(/./g, '9')))
  return choice(...parts)
}

function rest(low: string, high: string): Node {
  if (!isAll(low, '0')) return cut(low, high)
  return isAll(high, '9') ? repeat(DIGIT, 0, low.length) : choice(EMPTY, cut(low, high))
}

const isAll = (text: string, digit: string) => text === digit.repeat(text.length)

/** The least whole number that both divide. */
export function leastMultiple(a: number, b: number): number {
  let [larger, smaller] = [a, b]
  while (smaller > 0) [larger, smaller] = [smaller, larger % smaller]
  return (a / larger) * b
}

/** Numerals of whole numbers that `divisor` divides, with zeros in front or without: what remains of each beginning is known. */
export function divisibleBy(divisor: number): Node {
  const remaining = Array.from({ length: divisor }, (_, rest) => createRule(`${rest} of ${divisor}`))
  for (const [rest, rule] of remaining.entries()) {
    const parts = Array.from({ length: 10 }, (_, digit) =>
      sequence(byteRange(0x30 + digit, 0x30 + digit), remaining[(rest * 10 + digit) % divisor] as Node),
    )
    rule.body = choiceOf(rest === 0 ? [EMPTY, ...parts] : parts)
  }
  return sequence(repeat(literal('-'), 0, 1), remaining[0] as Node)
}

/** `bound` in units of the last of `places` digits behind the point, cut off, and whether something was cut. */
export function scaled(bound: number, places: number): { readonly floor: number; readonly ceil: number } {
  const [, sign, before = '', behind = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(bound)) ?? []
  const all = before + behind
  const point = before.length + Number(exponent) + places
  const kept = point > 0 ? Number(all.slice(0, point).padEnd(Math.min(point, 400), '0')) : 0
  const isExact = !/[1-9]/.test(point > 0 ? all.slice(point) : all)
  const [inner, outer] = [kept, isExact ? kept : kept + 1]
  return sign ? { floor: -outer, ceil: -inner } : { floor: inner, ceil: outer }
}
