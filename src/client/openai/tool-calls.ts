/**
 * @file Tool calls as a model writes them into its reply: found in a stream of text, and written back for the next
 * request. What is no sound call stays text; nothing that the model said is lost.
 */

import { overlap } from '../../core/overlap.ts'
import type { ToolFormat } from '../../core/protocol.ts'
import type { CalledFunction } from './types.ts'

/** The calls of a reply, written as the model writes them. */
export function writeCalls({ callStart, callEnd }: ToolFormat, calls: readonly CalledFunction[]): string {
  return calls
    .map(({ name, arguments: given }) => `${callStart}{"name":${JSON.stringify(name)},"arguments":${given}}${callEnd}`)
    .join('')
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

/** A finder for one reply; without a format it finds nothing. */
export function createCallFinder(format: ToolFormat | undefined): CallFinder {
  let held = ''
  let inCalls = false
  if (!format) return { push: (piece) => piece, end: () => ({ text: '', parts: [], calls: [] }) }
  const { callStart } = format
  return {
    push(piece) {
      held += piece
      if (inCalls) return ''
      const start = held.indexOf(callStart)
      inCalls = start >= 0
      const certain = inCalls ? start : held.length - overlap(held, callStart)
      const text = held.slice(0, certain)
      held = held.slice(certain)
      return text
    },
    end: () => readCalls(format, held),
  }
}

/** Calls, with text before, between and behind them. */
function readCalls({ callStart, callEnd }: ToolFormat, said: string): ReturnType<CallFinder['end']> {
  const calls: CalledFunction[] = []
  const [before = '', ...starts] = said.split(callStart)
  const parts: SaidPart[] = [{ said: before, isText: true }]
  for (const start of starts) {
    const end = start.indexOf(callEnd)
    const call = parseCall(end < 0 ? start : start.slice(0, end)) // the end may have been the reply's stop text
    if (call) calls.push(call)
    const behind = end < 0 ? start.length : end + callEnd.length
    parts.push({ said: callStart + start.slice(0, behind), isText: !call }, { said: start.slice(behind), isText: true })
  }
  const text = parts.map(({ said, isText }) => (isText ? said : '')).join('')
  if (text.trim() !== '') return { text, parts, calls }
  return { text: '', parts: parts.map(({ said }) => ({ said, isText: false })), calls }
}

/** The call that `json` is, or undefined. */
export function parseCall(json: string): CalledFunction | undefined {
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
