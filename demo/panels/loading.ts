/** @file How far a load is. */

import type { LoadProgress } from '../../src/index.ts'
import { formatProgress, text } from '../text.ts'
import { element } from './dom.ts'

/** A progress bar with its words. */
export interface Loading {
  readonly element: HTMLElement
  /** Show it from the start. */
  begin(): void
  report(progress: LoadProgress): void
  end(): void
}

/** Not shown until `begin`. */
export function createLoading(): Loading {
  const phase = element('span', { class: 'phase' })
  const bytes = element('span', { class: 'bytes' })
  const bar = element('progress', { 'aria-label': text.loadProgress })
  const panel = element('section', { class: 'loading', hidden: true }, element('p', {}, phase, bytes), bar)

  const report = (progress: LoadProgress) => {
    phase.textContent = text.phase[progress.phase]
    bytes.textContent = formatProgress(progress)
    if (progress.total > 0) {
      bar.max = progress.total
      bar.value = progress.loaded
    } else bar.removeAttribute('value') // indeterminate
  }

  return {
    element: panel,
    report,
    begin() {
      report({ phase: 'open', file: '', loaded: 0, total: 0, bytesPerSecond: 0, etaMs: undefined, fromStore: false })
      panel.hidden = false
    },
    end() {
      panel.hidden = true
    },
  }
}
