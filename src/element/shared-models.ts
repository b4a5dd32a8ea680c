/**
 * @file One model for all elements of a page that name the same source: loaded for the first, disposed with the last.
 * Each element holds a share and gives it back.
 */

import type { LoadOptions, LoadProgress, Model } from '../core/protocol.ts'

/** A share in a model. */
export interface Share {
  /** Settles as the load does, for every holder alike. */
  readonly model: Promise<Model>
  /** Give it back; the last one ends the load or disposes the model. Again: nothing. */
  release(): void
  /** The model is of no use any more: whoever asks next gets a fresh load. Those who hold it keep their share. */
  retire(): void
}

/** What a model is shared by: its absolute URL, or one and the same list of files. */
export type SharedSource = string | readonly File[]

/** The models of a page by source. */
export interface SharedModels {
  /** `onProgress` hears at once how far a load under way has come. */
  hold(source: SharedSource, onProgress?: (progress: LoadProgress) => void): Share
}

/** How a model is loaded. */
export type Load = (source: SharedSource, options: Pick<LoadOptions, 'signal' | 'onProgress'>) => Promise<Model>

interface Entry {
  readonly model: Promise<Model>
  readonly listeners: Set<(progress: LoadProgress) => void>
  readonly end: AbortController
  latest: LoadProgress | undefined
  holders: number
}

/** No models yet; `load` is called for each source when it is first wanted. */
export function createSharedModels(load: Load): SharedModels {
  const entries = new Map<SharedSource, Entry>()

  const forget = (source: SharedSource, entry: Entry) => {
    if (entries.get(source) === entry) entries.delete(source)
  }

  function begin(source: SharedSource): Entry {
    const listeners: Entry['listeners'] = new Set()
    const end = new AbortController()
    const onProgress = (progress: LoadProgress) => {
      entry.latest = progress
      for (const listener of listeners) listener(progress)
    }
    const model = load(source, { signal: end.signal, onProgress })
    const entry: Entry = { model, listeners, end, latest: undefined, holders: 0 }
    model.catch(() => forget(source, entry))
    entries.set(source, entry)
    return entry
  }

  return {
    hold(source, onProgress) {
      const entry = entries.get(source) ?? begin(source)
      entry.holders++
      if (onProgress) {
        entry.listeners.add(onProgress)
        if (entry.latest) onProgress(entry.latest)
      }
      let held = true
      return {
        model: entry.model,
        release() {
          if (!held) return
          held = false
          if (onProgress) entry.listeners.delete(onProgress)
          if (--entry.holders > 0) return
          forget(source, entry)
          entry.end.abort()
          entry.model.then((model) => model.dispose()).catch(() => {}) // what never loaded or is broken needs no more
        },
        retire: () => forget(source, entry),
      }
    },
  }
}
