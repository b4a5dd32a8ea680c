/**
 * @file Public exports of the engine side: everything without a worker, for node tools, tests and workers of your own.
 *
 * @module rwkv.js/engine
 */

import { checked, checkedModel, loadOptions, one, options } from './core/checked.ts'
import { anything, callback, checkOptions, object, type Table } from './core/kinds.ts'
import { createEngine as createBareEngine, type Engine, type EngineOptions } from './engine/engine.ts'
import { architectures } from './rwkv/index.ts'
import { createStore as createBareStore, type Store, type StoreOptions } from './store/store.ts'

export { type ErrorCode, isRwkvError, type ModelChoice, RwkvError } from './core/errors.ts'
export type * from './core/protocol.ts'
export { type ReorderState, reorderState, stateShape } from './core/state-order.ts'
export { exposeEngine } from './engine/expose.ts'
export { createOpfsStore, type Store } from './store/store.ts'

export type { Engine, EngineOptions, StoreOptions }

const engineOptions: Table<EngineOptions> = {
  gpu: anything,
  fetch: callback,
  device: loadOptions.device,
  threads: object,
  preset: loadOptions.preset,
  store: object,
  memoryByteLength: loadOptions.budgetByteLength,
  advice: object,
}

const storeOptions: Table<StoreOptions> = {
  open: callback,
  locks: anything,
  room: callback,
  patience: object,
  now: callback,
}

/**
 * Files kept in a directory. @throws RwkvError `option/invalid`
 *
 * @example
 * ```ts
 * import { createEngine, createStore } from 'rwkv.js/engine'
 *
 * const store = createStore({ open: () => Promise.reject(new Error('There is no disk.')) })
 * const engine = createEngine({ gpu: undefined, store })
 * const model = await engine.loadModel(new URL('/models/storyteller/', location.href)) // all the same
 * console.log(model.info.warnings.length) // → 1
 * await engine.dispose()
 * ```
 */
export function createStore(given: StoreOptions): Store {
  return createBareStore(checkOptions('store', storeOptions, given))
}

/**
 * An engine over `gpu`; the device is opened with the first model, and again after it was lost.
 *
 * @example
 * ```ts
 * import { createEngine } from 'rwkv.js/engine'
 *
 * const engine = createEngine({ gpu: navigator.gpu }) // in a worker of your own
 * const model = await engine.loadModel(new URL('/models/storyteller/', location.href))
 * console.log(model.info.config.version) // → 4
 * await engine.dispose()
 * ```
 */
export function createEngine(given: EngineOptions): Engine {
  const takes = [one('source', anything), options('load', loadOptions)]
  const engine = createBareEngine({ ...checkOptions('engine', engineOptions, given), architectures })
  return checked(engine, {
    loadModel: { takes, gives: checkedModel },
    downloadModel: { takes },
  })
}
