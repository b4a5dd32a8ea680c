/** @file The GPU memory of an engine's models: their sum, its budget, and which model is disposed to make room for another. */

import { RwkvError } from '../core/errors.ts'
import type { LoadOptions, Model } from '../core/protocol.ts'

/** A loaded model. */
export interface LoadedModel {
  readonly name: string
  readonly dispose: Model['dispose']
  /** Bytes of GPU memory now. */
  readonly byteLength: () => number
  /** When it was last used; grows with each use of any model. */
  readonly use: { readonly at: number }
}

/** What a model takes. */
export interface Room {
  readonly name: string
  readonly byteLength: number
}

/** The models of an engine. */
export interface ModelMemory {
  /** Register a loaded model. @returns the function that unregisters it */
  add(model: LoadedModel): () => void
  /**
   * Reserve `byteLength` for a model that is about to load, disposing others where `evict` allows it.
   * @returns the function that cancels the reservation; call it when the load has succeeded or failed
   * @throws RwkvError `gpu/limits` if it cannot; nothing has been disposed then
   */
  reserve(wanted: Room, options: MemoryOptions): Promise<() => void>
}

/** The options of a load that concern memory. */
export type MemoryOptions = Pick<LoadOptions, 'budgetByteLength' | 'evict'>

/** No models yet. */
export function createModelMemory(): ModelMemory {
  const models = new Set<LoadedModel>()
  let reserved = 0 // bytes, for models that are being loaded
  const taken = () => Array.from(models).reduce((sum, { byteLength }) => sum + byteLength(), reserved)
  return {
    add(model) {
      models.add(model)
      return () => models.delete(model)
    },
    async reserve({ name, byteLength }, { budgetByteLength = Infinity, evict }) {
      const needed = (evict ? reserved : taken()) + byteLength
      if (needed > budgetByteLength)
        throw new RwkvError(
          'gpu/limits',
          `${name} takes ${byteLength} bytes, and the models that are loaded take ${taken()}; the budget is ${budgetByteLength} bytes. Dispose a model, load with evict: 'least-recently-used', or raise budgetByteLength.`,
        )
      const byUse = Array.from(models).sort((a, b) => a.use.at - b.use.at)
      reserved += byteLength
      for (const model of byUse) if (taken() > budgetByteLength) await model.dispose()
      return () => {
        reserved -= byteLength
      }
    },
  }
}
