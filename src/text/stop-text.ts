/** @file Finding stop texts in a stream of pieces, across their borders, without ever showing a part of one. */

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
 */
export function createStopFinder(stops: readonly string[]): StopFinder {
  const wanted = stops.filter((stop) => stop !== '')
  let held = ''
  return {
    push(piece) {
      const text = held + piece
      const found = wanted
        .map((stop) => ({ at: text.indexOf(stop), length: stop.length }))
        .filter(({ at }) => at >= 0)
        .sort((a, b) => a.at + a.length - (b.at + b.length) || a.at - b.at)
      if (found[0]) {
        held = ''
        return { text: text.slice(0, found[0].at), stopped: true }
      }
      const keep = Math.max(0, ...wanted.map((stop) => overlap(text, stop)))
      held = text.slice(text.length - keep)
      return { text: text.slice(0, text.length - keep), stopped: false }
    },
    isStop: (piece) => wanted.some((stop) => (held + piece).includes(stop)),
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

/** Length of the longest end of `text` that `stop` begins with. */
function overlap(text: string, stop: string): number {
  for (let length = Math.min(stop.length - 1, text.length); length > 0; length--) {
    if (text.endsWith(stop.slice(0, length))) return length
  }
  return 0
}
