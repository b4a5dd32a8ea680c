/** @file The download of one model: begun, paused, gone on with, given up. What has come stays on the device. */

import { downloadModel, type LoadProgress } from '../../../src/index.ts'

/** Where a download is. */
export type DownloadState = 'idle' | 'running' | 'paused' | 'failed'

/** One model's download. */
export interface Download {
  readonly state: DownloadState
  /** Of the latest run. */
  readonly progress: LoadProgress | undefined
  readonly error: unknown
  start(): void
  /** Stop asking; `start` goes on. */
  pause(): void
  /** As `pause`, and out of mind. */
  cancel(): void
}

/** A download of `source` that has not begun. `onChange` hears of each step, `onEnd` when what is stored has changed. */
export function createDownload(source: string, { onChange, onEnd }: { onChange(): void; onEnd(): void }): Download {
  let state: DownloadState = 'idle'
  let progress: LoadProgress | undefined
  let error: unknown
  let run: AbortController | undefined

  const enter = (next: DownloadState) => {
    state = next
    onChange()
  }
  const end = (next: DownloadState) => {
    run?.abort()
    run = undefined
    enter(next)
  }

  async function fetchAll(mine: AbortController): Promise<void> {
    try {
      await downloadModel(source, {
        signal: mine.signal,
        onProgress(now) {
          if (run !== mine) return
          progress = now
          onChange()
        },
      })
      if (run === mine) end('idle')
    } catch (reason) {
      if (run === mine) {
        error = reason
        end('failed')
      }
    } finally {
      onEnd()
    }
  }

  return {
    get state() {
      return state
    },
    get progress() {
      return progress
    },
    get error() {
      return error
    },
    start() {
      if (state === 'running') return
      run = new AbortController()
      enter('running')
      void fetchAll(run)
    },
    pause: () => end('paused'),
    cancel() {
      progress = undefined
      end('idle')
    },
  }
}
