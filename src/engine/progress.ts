/** @file Reports of a load: never falling, with speed and remaining time, and not more often than anyone can read. */

import type { LoadOptions, LoadProgress } from '../core/protocol.ts'

/** What a stage of the load knows. */
export interface Step {
  readonly phase: LoadProgress['phase']
  readonly file: string
  readonly loaded: number
  readonly total: number
}

/** Collects the steps of one load. */
export interface ProgressReporter {
  report(step: Step): void
  /** The user should know this; it goes with the next report. */
  notice(text: string): void
  /** Bytes of the model came from the network. */
  sawNetwork(): void
  /** Notices so far. */
  readonly notices: readonly string[]
}

const EVERY_MS = 50
const WINDOW_MS = 4000

/** What `createProgress` takes. */
export interface CreateProgress {
  readonly onProgress?: LoadOptions['onProgress'] | undefined
  readonly now: () => number
}

/** A reporter over `onProgress`; the first and the last step of a phase are always reported. */
export function createProgress({ onProgress, now }: CreateProgress): ProgressReporter {
  const notices: string[] = []
  let reportedNotices = 0
  let fromStore = true
  let current: { key: string; most: number; marks: { at: number; loaded: number }[]; reportedAt: number } | undefined

  return {
    notices,
    report({ phase, file, loaded, total }) {
      const key = `${phase} ${file}`
      const at = now()
      const isNew = current?.key !== key
      if (!current || isNew) current = { key, most: 0, marks: [], reportedAt: 0 }
      const { marks } = current
      const most = Math.max(current.most, loaded)
      current.most = most
      if (marks.length === 0 || at - (marks.at(-1)?.at ?? 0) >= EVERY_MS) marks.push({ at, loaded: most })
      while (marks.length > 2 && at - (marks[1]?.at ?? at) > WINDOW_MS) marks.shift()

      const isLast = total > 0 && most >= total
      if (!isNew && !isLast && at - current.reportedAt < EVERY_MS) return
      current.reportedAt = at
      const [first] = marks
      const elapsedMs = first ? at - first.at : 0
      const bytesPerSecond = first && elapsedMs > 0 ? ((most - first.loaded) / elapsedMs) * 1000 : 0
      const notice = notices.slice(reportedNotices).join(' ')
      reportedNotices = notices.length
      onProgress?.({
        phase,
        file,
        loaded: most,
        total,
        bytesPerSecond,
        etaMs: total > 0 && bytesPerSecond > 0 ? ((total - most) / bytesPerSecond) * 1000 : undefined,
        fromStore,
        ...(notice && { notice }),
      })
    },
    notice(text) {
      if (!notices.includes(text)) notices.push(text)
    },
    sawNetwork() {
      fromStore = false
    },
  }
}
