/**
 * @file Tool calls as a model writes them into its reply: found in a stream of text, and written back for the next
 * request. What is no sound call stays text; nothing that the model said is lost.
 */

import { overlap } from '../../core/overlap.ts'
import type { ToolFormat } from '../../core/protocol.ts'
import type { CalledFunction } from './types.ts'

/** What stands around a call in a reply. */
export interface Marks {
  readonly start: string
  readonly end: string
}

/** Those of a format, without the white space around them, which models leave out now and then. */
export function marksOf({ callStart, callEnd }: ToolFormat): Marks {
  return { start: callStart.trim() || callStart, end: callEnd.trim() || callEnd }
}

/** A reply of a text and calls, written as the model writes it. */
export function writeCalls(
  { callStart, callEnd, between = '' }: ToolFormat,
  text: string,
  calls: readonly CalledFunction[],
): string {
  const written = calls.map(
    ({ name, arguments: given }) => `${callStart}{"name":${JSON.stringify(name)},"arguments":${given}}${callEnd}`,
  )
  return [...(text === '' ? [] : [text]), ...written].join(between)
}

/** Looks for calls in a reply. */
export interface CallFinder {
  /** The next piece. @returns what is text for certain */
  push(piece: string): string
  /** Everything has been said. @returns what else is text, what it was a part of, and the calls */
  end(): { readonly text: string; readonly parts: readonly SaidPart[]; readonly calls: readonly CalledFunction[] }
}

/** A part of what was said last, up to its end. */
export interface SaidPart {
  readonly said: string
  /** Or else of a call, or white space around calls. */
  readonly isText: boolean
}

/**
 * A finder for one reply; without a format it finds nothing.
 * @param isBegun whether the mark in front of the first call was said before: the reply is that call
 */
export function createCallFinder(format: ToolFormat | undefined, isBegun = false): CallFinder {
  if (!format) return { push: (piece) => piece, end: () => ({ text: '', parts: [], calls: [] }) }
  const marks = marksOf(format)
  let held = ''
  let inCalls = isBegun
  return {
    push(piece) {
      held += piece
      if (inCalls) return ''
      const start = held.indexOf(marks.start)
      inCalls = start >= 0
      const certain = inCalls ? start : held.length - overlap(held, marks.start)
      const text = held.slice(0, certain)
      held = held.slice(certain)
      return text
    },
    end: () => readCalls(marks, held, isBegun),
  }
}

/** Calls, with text before, between and behind them. */
function readCalls(marks: Marks, said: string, isBegun: boolean): ReturnType<CallFinder['end']> {
  const calls: CalledFunction[] = []
  const parts: SaidPart[] = []
  let end = 0 // of the parts so far
  const addPart = (to: number, isText: boolean) => {
    parts.push({ said: said.slice(end, to), isText })
    end = to
  }
  const take = (start: number, from: number) => {
    const found = callAt(marks, said, from)
    if (!found) return
    addPart(start, true)
    addPart(found.end, false)
    calls.push(found.call)
  }
  if (isBegun) take(0, 0)
  for (let start = said.indexOf(marks.start, end); start >= 0; ) {
    take(start, start + marks.start.length)
    start = said.indexOf(marks.start, Math.max(end, start + 1))
  }
  addPart(said.length, true)
  const text = parts.map(({ said, isText }) => (isText ? said : '')).join('')
  if (text.trim() !== '') return { text, parts, calls }
  return { text: '', parts: parts.map(({ said }) => ({ said, isText: false })), calls }
}

/** The call that stands at `from`, and where it ends, with the mark behind it: that may be within its arguments too. */
function callAt({ end }: Marks, said: string, from: number) {
  for (let to = said.indexOf(end, from); to >= 0; to = said.indexOf(end, to + 1)) {
    const call = parseCall(said.slice(from, to))
    if (call) return { call, end: to + end.length }
  }
  const call = parseCall(said.slice(from)) // the mark may have been the reply's stop text
  return call && { call, end: said.length }
}

/** The call that `json` is, or undefined. */
function parseCall(json: string): CalledFunction | undefined {
  try {
    const call: unknown = JSON.parse(json)
    if (typeof call !== 'object' || call === null) return undefined
    const { name, arguments: given = {} } = call as { name?: unknown; arguments?: unknown }
    const isSound = typeof name === 'string' && typeof given === 'object' && given !== null
    return isSound ? { name, arguments: JSON.stringify(given) } : undefined
  } catch {
    return undefined
  }
}
