/**
 * @file The one error class of rwkv.js and the list of its codes. Every failure a caller can meet is a `RwkvError`; its
 * message says what was found, what was expected and what to do about it. Codes are stable, messages are not.
 */

/** Stable, documented names of what went wrong; the part before the slash is the stage that noticed. */
export type ErrorCode =
  // file: bytes that cannot be had or are not what they claim to be
  | 'file/not-found'
  | 'file/network'
  | 'file/not-weights'
  | 'file/unsupported'
  | 'file/empty'
  | 'file/truncated'
  | 'file/trailing-bytes'
  | 'file/header-length'
  | 'file/header-encoding'
  | 'file/header-json'
  | 'file/header-shape'
  | 'file/header-depth'
  | 'file/duplicate-name'
  | 'file/metadata'
  | 'file/dtype'
  | 'file/shape'
  | 'file/offsets'
  | 'file/overlap'
  | 'file/hole'
  | 'file/size-mismatch'
  | 'file/shards'
  // file: the zip archive and the pickle of a .pth
  | 'file/zip'
  | 'file/zip-method'
  | 'file/record'
  | 'file/pickle'
  | 'file/pickle-cut'
  | 'file/pickle-global'
  | 'file/pickle-opcode'
  | 'file/pickle-operand'
  | 'file/pickle-limit'
  | 'file/storage'
  | 'file/strides'
  // hub: what Hugging Face answers
  | 'hub/access'
  | 'hub/answer'
  // store: what is kept on this device
  | 'store/unavailable'
  | 'store/quota'
  | 'store/corrupt'
  | 'store/busy'
  | 'store/not-found'
  // model: a sound file that is not a model we can run
  | 'model/description'
  | 'model/unsupported-version'
  | 'model/mixed-versions'
  | 'model/several'
  | 'model/unmerged'
  | 'model/missing-tensor'
  | 'model/layer-gap'
  | 'model/tensor-shape'
  | 'model/not-finite'
  | 'model/f16-range'
  | 'model/vocabulary-mismatch'
  | 'model/disposed'
  // text
  | 'text/vocabulary'
  | 'text/unknown-id'
  // gpu
  | 'gpu/unavailable'
  | 'gpu/lost'
  | 'gpu/limits'
  | 'gpu/out-of-memory'
  | 'gpu/shader'
  | 'gpu/wrong-results'
  | 'gpu/disposed'
  // wasm
  | 'wasm/unavailable'
  | 'wasm/out-of-memory'
  | 'wasm/wrong-results'
  // session
  | 'session/disposed'
  | 'session/no-logits'
  | 'session/state-budget'
  | 'session/saved'
  | 'session/initial-state'
  | 'session/unknown-mark'
  | 'session/nothing-to-answer'
  // calls
  | 'option/invalid'
  | 'worker/unavailable'
  | 'worker/gone'

/** One of several models in one place. */
export interface ModelChoice {
  /** Of its file, or of the first of its shards. */
  readonly name: string
  readonly byteLength: number
  /** What `loadModel` opens it by; absent for one of the files that were given. */
  readonly source?: string
  /** Names of all its files. */
  readonly files: readonly string[]
}

/** A failure with a stable `code`. Crosses the worker boundary whole (see `core/transfer.ts`). */
export class RwkvError extends Error {
  readonly code: ErrorCode
  /** Of `model/several`: the models there are, smallest first. */
  declare readonly choices?: readonly ModelChoice[]

  constructor(
    code: ErrorCode,
    message: string,
    { choices, ...options }: ErrorOptions & { readonly choices?: readonly ModelChoice[] | undefined } = {},
  ) {
    super(message, options)
    this.name = 'RwkvError'
    this.code = code
    if (choices) this.choices = choices
  }
}

/**
 * True if `error` is a `RwkvError`, also of another copy of this file, and of that `code` if one is given.
 *
 * @example
 * ```ts
 * import { isRwkvError, loadModel } from 'rwkv.js'
 *
 * const found = await loadModel('/models/nothing/').catch((error: unknown) => error)
 * console.log(isRwkvError(found, 'file/not-found')) // → true
 * ```
 */
export function isRwkvError(error: unknown, code?: ErrorCode): error is RwkvError {
  if (!(error instanceof Error) || error.name !== 'RwkvError') return false
  return code === undefined || (error as RwkvError).code === code
}

const ENDS: ReadonlySet<ErrorCode> = new Set([
  'gpu/lost',
  'gpu/disposed',
  'model/disposed',
  'worker/unavailable',
  'worker/gone',
])

/** True if after `error` its model is of no use any more. */
export function endsModel(error: unknown): boolean {
  return isRwkvError(error) && ENDS.has(error.code)
}
