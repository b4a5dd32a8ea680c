/**
 * @file What page and worker say to each other, as types only. Calls go through Comlink; an AbortSignal cannot cross, so
 * a port that carries one message stands for it; the pieces of a reply are bare messages on a port of their own.
 */

import type {
  AppendOptions,
  Beam,
  BeamOptions,
  EncodeOptions,
  EvaluateOptions,
  Evaluation,
  FeedOptions,
  GpuCounters,
  Inspection,
  KernelTime,
  LayerTrace,
  LoadOptions,
  LoadProgress,
  Mark,
  Message,
  Model,
  ModelInfo,
  ModelSource,
  PromptOptions,
  PromptProgress,
  Recovery,
  ReplySummary,
  SaidToken,
  SavedParts,
  SaveOptions,
  SavePartsOptions,
  Score,
  SessionOptions,
  StateOptions,
  StoredModel,
  TextBeam,
  TraceOptions,
} from './protocol.ts'

/** `LoadOptions` without what cannot be cloned. */
export type RemoteLoadOptions = Omit<LoadOptions, 'signal' | 'onProgress' | 'onRecovery'>

/** `ModelSource` without what cannot be cloned. */
export type RemoteSource = Exclude<ModelSource, URL | FileList>

/** The engine in the worker. */
export interface RemoteEngine {
  /** Says that the worker is there. */
  beat(): Promise<void>
  /** Progress comes on `port`; any message sent into it aborts the load. `onRecovery` is told as in `LoadOptions`. */
  loadModel(
    source: RemoteSource,
    options: RemoteLoadOptions,
    port: MessagePort,
    onRecovery: (recovery: Recovery) => void,
  ): Promise<RemoteModel>
  /** As `loadModel`, but into the store alone. */
  downloadModel(source: RemoteSource, options: RemoteLoadOptions, port: MessagePort): Promise<void>
  /** What is kept on this device. */
  storedModels(): Promise<readonly StoredModel[]>
  removeStoredModel(model: string): Promise<void>
}

/** A model in the worker. */
export interface RemoteModel {
  readonly info: ModelInfo
  encode(text: string, options?: EncodeOptions): Promise<number[]>
  decode(ids: readonly number[]): Promise<string>
  createState(options?: StateOptions): Promise<RemoteState>
  /** States by their `id`. */
  feedBatch(
    batch: readonly { id: number; ids: readonly number[] }[],
    options: Omit<FeedOptions, 'signal'>,
    port: MessagePort,
  ): Promise<void>
  /** See `ReplyMessage` for what comes on `port`; any message sent into it ends the reply. */
  fillIn(prefix: string, suffix: string, options: RemoteFillInOptions, port: MessagePort): Promise<ReplySummary>
  createSession(options?: SessionOptions): Promise<RemoteSession>
  restoreSession(saved: Parameters<Model['restoreSession']>[0]): Promise<RemoteSession>
  /** Progress comes on `port` as `EvaluateMessage`s. */
  evaluate(
    text: string | readonly number[],
    options: Pick<EvaluateOptions, 'logprobs'>,
    port: MessagePort,
  ): Promise<Evaluation>
  score(
    context: string | readonly number[],
    continuation: string | readonly number[],
    port: MessagePort,
  ): Promise<Score>
  profile(options?: { readonly tokens?: number }): Promise<readonly KernelTime[] | undefined>
  counters(): Promise<GpuCounters>
  dispose(): Promise<void>
}

/** A state in the worker. Any message sent into a port aborts the call it was given to. */
export interface RemoteState {
  /** Stands for the state in `feedBatch`. */
  readonly id: number
  feed(ids: readonly number[], options: Omit<FeedOptions, 'signal'>, port: MessagePort): Promise<void>
  feedAll(ids: readonly number[], options: Omit<FeedOptions, 'signal'>, port: MessagePort): Promise<Float32Array>
  trace(
    ids: readonly number[],
    options: Omit<TraceOptions, 'signal'>,
    port: MessagePort,
  ): Promise<readonly LayerTrace[]>
  beamSearch(
    options: Omit<BeamOptions, 'signal'> & { readonly stopIds?: readonly number[] },
    port: MessagePort,
  ): Promise<readonly Beam[]>
  logits(): Promise<Float32Array>
  read(): Promise<Float32Array>
  inspect(options?: { readonly since: Float32Array; readonly tokens: number }): Promise<Inspection>
  write(rows: Float32Array): Promise<void>
  dispose(): Promise<void>
}

/** `PromptOptions` without what cannot be cloned. */
export interface RemotePromptOptions extends Omit<PromptOptions, 'signal' | 'onToken' | 'onThoughts' | 'onRead'> {
  /** Tokens are wanted on the port too. */
  readonly wantsTokens?: boolean
}

/** `FillInOptions`, likewise. */
export type RemoteFillInOptions = Pick<RemotePromptOptions, 'sampling' | 'wantsTokens'>

/** A session in the worker. Any message sent into a port aborts the call it was given to. */
export interface RemoteSession {
  /** `Session.prompt`, or `respond` where there is no text. See `ReplyMessage` for what comes on `port`. */
  reply(text: string | undefined, options: RemotePromptOptions, port: MessagePort): Promise<ReplySummary>
  append(text: string, options: Omit<AppendOptions, 'signal'>, port: MessagePort): Promise<void>
  beamSearch(
    text: string | undefined,
    options: Omit<BeamOptions, 'signal'> & { readonly stop?: readonly string[] },
    port: MessagePort,
  ): Promise<readonly TextBeam[]>
  inspect(options?: { readonly since: Mark }): Promise<Inspection>
  read(): Promise<Float32Array>
  transcript(): Promise<readonly Message[]>
  mark(): Promise<Mark>
  rewind(mark: Mark): Promise<void>
  branch(mark: Mark): Promise<RemoteSession>
  fork(): Promise<RemoteSession>
  save(options?: SaveOptions): Promise<Uint8Array<ArrayBuffer>>
  saveParts(options?: SavePartsOptions): Promise<SavedParts>
  dispose(): Promise<void>
}

/** What comes on the port of `RemoteEngine.loadModel`. */
export type LoadMessage = LoadProgress

/** What comes on the port of `RemoteModel.evaluate`. */
export interface EvaluateMessage {
  readonly done: number
  readonly total: number
}

/**
 * What comes on the port of a reply: how far its prompt is read, a piece of the answer or of thoughts, a token, or null
 * after the last.
 */
export type ReplyMessage = string | SaidToken | { readonly thoughts: string } | PromptProgress | null
