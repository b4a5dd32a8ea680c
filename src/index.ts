/** @file Public exports of the page side. */

export { type EngineChoice, loadModel } from './client/load-model.ts'
export { keepStoredModels, removeStoredModel, storageRoom, storedModels } from './client/stored-models.ts'
export { type ErrorCode, isRwkvError, RwkvError } from './core/errors.ts'
export type * from './core/protocol.ts'
