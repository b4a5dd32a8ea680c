/** @file What the Lab and the worker of its transformer say to each other. */

/** What runs it. */
export type Device = 'wasm' | 'webgpu'

/** Formats of weights, each a file of its own beside the others. */
export const FORMATS = ['q8', 'q4', 'q4f16', 'fp16', 'fp32'] as const
export type Format = (typeof FORMATS)[number]

/** The cache of this origin that keeps what has come from the Hub. */
export const CACHE_NAME = 'rwkv-lab-transformers'

/** What is to be run. */
export interface TransformerRequest {
  /** On the Hub: owner/repository. */
  readonly model: string
  readonly device: Device
  readonly format: Format
  readonly prompt: string
  /** To write, unless its context is full before. */
  readonly tokens: number
}

/** What the worker tells while it runs. */
export interface TransformerListener {
  /** So much has come of all its files. */
  onProgress(byteLength: number, totalByteLength: number): void
  /** It is about to write. */
  onStart(run: TransformerRun): void
  /** It has written one more, at a time by its clock in ms, and keeps so many bytes of keys and values. */
  onToken(atMs: number, cacheByteLength: number): void | Promise<void>
}

/** What was found when it was loaded. */
export interface TransformerRun {
  readonly promptTokens: number
  /** Tokens it can hold, prompt included; undefined if its config does not say. */
  readonly context: number | undefined
  /** Tokens that it will write. */
  readonly tokens: number
}

/** The worker. It is ended from outside. */
export interface TransformerWorker {
  run(request: TransformerRequest, listener: TransformerListener): Promise<void>
}
