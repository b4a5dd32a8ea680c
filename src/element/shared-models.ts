/**
 * @file One model for all elements of a page that want the same of the same source: loaded for the first, disposed with
 * the last. Each element holds a share and gives it back.
 */

import type { LoadOptions, LoadProgress, Model, Recovery } from '../core/protocol.ts'

/** A share in a model. */
export interface Share {
  /** Settles as the load does, for every holder alike. */
  readonly model: Promise<Model>
  /** Release it. The last release aborts the load or disposes the model. Idempotent. */
  release(): void
  /** The model is of no use any more: the next request loads anew. Elements that hold it keep their share. */
  retire(): void
}

/** What a model is shared by. */
export interface WantedModel extends Required<Pick<LoadOptions, 'weights' | 'device' | 'safe'>> {
  /** Its absolute URL, or one and the same list of files. */
  readonly source: string | readonly File[]
}

const SHARED_BY = ['source', 'weights', 'device', 'safe'] as const

/** Who hears of a model. */
export interface ModelListener {
  /** Told at once how far a load under way has come. */
  readonly onProgress: (progress: LoadProgress) => void
  readonly onRecovery: (recovery: Recovery) => void
}

/** The models of a page. */
export interface SharedModels {
  hold(wanted: WantedModel, listener?: ModelListener): Share
}

/** How a model is loaded. */
export type Load = (
  wanted: WantedModel,
  options: Pick<LoadOptions, 'signal' | 'onProgress' | 'onRecovery'>,
) => Promise<Model>

interface Entry {
  readonly wanted: WantedModel
  readonly model: Promise<Model>
  readonly listeners: Set<ModelListener>
  readonly end: AbortController
  latest: LoadProgress | undefined
  holders: number
}

/** No models yet; `load` is called for each when it is first wanted. */
export function createSharedModels(load: Load): SharedModels {
  const entries = new Set<Entry>()

  const find = (sought: WantedModel) =>
    [...entries].find(({ wanted }) => SHARED_BY.every((name) => wanted[name] === sought[name]))

  function begin(wanted: WantedModel): Entry {
    const listeners: Entry['listeners'] = new Set()
    const end = new AbortController()
    const onProgress = (progress: LoadProgress) => {
      entry.latest = progress
      for (const listener of listeners) listener.onProgress(progress)
    }
    const onRecovery = (recovery: Recovery) => {
      for (const listener of listeners) listener.onRecovery(recovery)
    }
    const model = load(wanted, { signal: end.signal, onProgress, onRecovery })
    const entry: Entry = { wanted, model, listeners, end, latest: undefined, holders: 0 }
    model.catch(() => entries.delete(entry))
    entries.add(entry)
    return entry
  }

  return {
    hold(wanted, listener) {
      const entry = find(wanted) ?? begin(wanted)
      entry.holders++
      if (listener) {
        entry.listeners.add(listener)
        if (entry.latest) listener.onProgress(entry.latest)
      }
      let held = true
      return {
        model: entry.model,
        release() {
          if (!held) return
          held = false
          if (listener) entry.listeners.delete(listener)
          if (--entry.holders > 0) return
          entries.delete(entry)
          entry.end.abort()
          entry.model.then((model) => model.dispose()).catch(() => {}) // what never loaded or is broken needs no more
        },
        retire: () => void entries.delete(entry),
      }
    },
  }
}
