/**
 * @file Public exports of the page side.
 *
 * @module rwkv.js
 */

export { type CatalogueEntry, catalogue, weightByteLengthOf, weightFormats } from './client/catalogue.ts'
export { createWorkerEngine, type EngineChoice, type WorkerEngine } from './client/load-model.ts'
export { type LoadedModel, loadModel } from './client/loaded-model.ts'
export type { OpenAIShape } from './client/openai/types.ts'
export {
  downloadModel,
  keepStoredModels,
  removeStoredModel,
  storageRoom,
  storedModels,
} from './client/stored-models.ts'
export { type ErrorCode, isRwkvError, type ModelChoice, RwkvError } from './core/errors.ts'
export type * from './core/protocol.ts'
export { savedNotes } from './core/saved-notes.ts'
export { type ReorderState, reorderState, stateShape } from './core/state-order.ts'
