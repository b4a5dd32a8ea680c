/** @file Keeps a scrolling element at its end while it grows, unless the reader has scrolled away from there. */

const NEAR_END_PX = 40

/** Follows the end of one element. */
export interface ScrollKeeper {
  /** Something was added: follow, if the end was in sight. */
  grown(): void
  /** Go to the end, wherever the reader is. */
  toEnd(): void
}

/** Watch `scroller`; `onAway` hears when the reader leaves the end (true) and comes back to it (false). */
export function keepScroll(scroller: HTMLElement, onAway: (away: boolean) => void): ScrollKeeper {
  let atEnd = true
  let waiting = false

  const settle = () => {
    waiting = false
    if (atEnd) scroller.scrollTop = scroller.scrollHeight
  }
  const later = () => {
    if (waiting) return // layout is read once a frame, however many tokens come
    waiting = true
    requestAnimationFrame(settle)
  }
  const see = () => {
    const near = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_END_PX
    if (near === atEnd) return
    atEnd = near
    onAway(!near)
  }
  scroller.addEventListener('scroll', see, { passive: true })
  new ResizeObserver(later).observe(scroller) // the keyboard of a phone opens

  return {
    grown: later,
    toEnd() {
      atEnd = true
      onAway(false)
      later()
    },
  }
}
