/** @file Finding stop texts in a stream of pieces, across their borders, without ever showing a part of one. */

import { overlap } from '../core/overlap.ts'

/** Lets text through until a stop text appears. */
export interface StopFinder {
  /** What may be shown of all that was pushed so far, and whether a stop text was found behind it. */
  push(piece: string): { readonly text: string; readonly stopped: boolean }
  /** Whether `push(piece)` would find a stop text; nothing changes. */
  isStop(piece: string): boolean
  /** What was held back, once no more is to come. */
  flush(): string
  /** Text that may be the beginning of a stop text. */
  readonly held: string
}

/**
 * A finder of any of `stops`; empty ones are ignored. The one that is complete first wins, of several that end together the
 * longest: so what is found does not depend on how the text was cut into pieces.
 * @param behindSpace more of them, which are looked for behind the white space that the text begins with
 */
export function createStopFinder(stops: readonly string[], behindSpace: readonly string[] = []): StopFinder {
  const wanted = [stops, behindSpace].map((list) => list.filter((stop) => stop !== ''))
  let held = ''
  let words: number | undefined // of `held`: where the text that is no white space begins, once it has

  /** The text with `piece`, the parts of it that each list is looked for in, and what is found. */
  function look(piece: string) {
    const text = held + piece
    const first = words ?? text.search(/\S/)
    const begins = [0, first < 0 ? text.length : first]
    const all = begins.flatMap((begin, list) => (wanted[list] ?? []).map((stop) => ({ stop, begin })))
    const [found] = all
      .map(({ stop, begin }) => ({ at: text.indexOf(stop, begin), length: stop.length }))
      .filter(({ at }) => at >= 0)
      .sort((a, b) => a.at + a.length - (b.at + b.length) || a.at - b.at)
    return { text, first, all, found }
  }
  return {
    push(piece) {
      const { text, first, all, found } = look(piece)
      if (found) {
        held = ''
        return { text: text.slice(0, found.at), stopped: true }
      }
      const keep = Math.max(0, ...all.map(({ stop, begin }) => overlap(text.slice(begin), stop)))
      const shown = text.length - keep
      held = text.slice(shown)
      if (first >= 0) words = Math.max(0, first - shown)
      return { text: text.slice(0, shown), stopped: false }
    },
    isStop: (piece) => look(piece).found !== undefined,
    flush() {
      const text = held
      held = ''
      return text
    },
    get held() {
      return held
    },
  }
}
