/** @file Public exports of the engine side: everything without a worker, for node tools, tests and workers of your own. */

export { type ErrorCode, isRwkvError, RwkvError } from './core/errors.ts'
export type * from './core/protocol.ts'
export { type ReorderState, reorderState, stateShape } from './core/state-order.ts'
export { createOpfsStore, createStore, type Store, type StoreOptions } from './file/store.ts'
export { createEngine, type Engine, type EngineOptions } from './session/engine.ts'
export { exposeEngine } from './session/expose.ts'
