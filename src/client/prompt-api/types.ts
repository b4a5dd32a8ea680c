/** @file The words of the Prompt API, as its draft of 2026 has them, for text. See https://webmachinelearning.github.io/prompt-api/ */

/** Whether a model can be had. */
export type Availability = 'unavailable' | 'downloadable' | 'downloading' | 'available'

/** What to prompt with: a user's message, or messages. */
export type Prompt = string | readonly PromptMessage[]

/** One message of a conversation. */
export interface PromptMessage {
  readonly role: 'system' | 'user' | 'assistant'
  /** Parts follow one another without anything between them. */
  readonly content: string | readonly { readonly type: string; readonly value: unknown }[]
  /** Of the last message, an assistant's: the reply begins with it. */
  readonly prefix?: boolean
}

/** What goes in or comes out. Only text does. */
export interface Expected {
  readonly type: string
  readonly languages?: readonly string[]
}

/** Options that decide whether there is a model for them. */
export interface CreateCoreOptions {
  readonly expectedInputs?: readonly Expected[]
  readonly expectedOutputs?: readonly Expected[]
  readonly temperature?: number
  readonly topK?: number
  /** How much is left to chance; the default is what the model itself proposes. */
  readonly samplingMode?: SamplingMode
  /** Refused: tools are called by `chat.completions.create`. */
  readonly tools?: readonly object[]
}

/** From always the most probable word to less probable ones too. */
export type SamplingMode = 'most-predictable' | 'predictable' | 'balanced' | 'default' | 'creative' | 'most-creative'

/** Options of `create`. */
export interface CreateOptions extends CreateCoreOptions {
  readonly signal?: AbortSignal
  /** Given a target whose `downloadprogress` events tell `loaded`, from 0 to 1. */
  readonly monitor?: (monitor: EventTarget) => void
  readonly initialPrompts?: readonly PromptMessage[]
}

/** Options of `prompt` and its like. */
export interface PromptOptions {
  readonly signal?: AbortSignal
  /** A JSON Schema, or a regular expression, with any flag but `v`, that matches the reply as a whole. */
  readonly responseConstraint?: object
  /** The constraint is never told to the model in words, so this changes nothing. */
  readonly omitResponseConstraintInput?: boolean
}

/** A conversation. */
export interface LanguageModelSession extends EventTarget {
  /** Resolves to the whole reply. */
  prompt(input: Prompt, options?: PromptOptions): Promise<string>
  /** The reply in pieces. Cancelling it ends the reply. */
  promptStreaming(input: Prompt, options?: PromptOptions): ReadableStream<string>
  /** Read without answering. */
  append(input: Prompt, options?: { readonly signal?: AbortSignal }): Promise<void>
  /** Ids that the model would read. */
  measureContextUsage(input: Prompt, options?: PromptOptions): Promise<number>
  /** Ids read and said so far. */
  readonly contextUsage: number
  /** Infinity: the state of a recurrent model has one size whatever it has read, so nothing ever overflows. */
  readonly contextWindow: number
  /** Never called. */
  oncontextoverflow: ((event: Event) => void) | null
  /** Former names of `measureContextUsage`, `contextUsage` and `contextWindow`. */
  measureInputUsage(input: Prompt, options?: PromptOptions): Promise<number>
  readonly inputUsage: number
  readonly inputQuota: number
  readonly temperature: number
  readonly topK: number
  /** A second conversation in the same place; neither sees what the other does. */
  clone(options?: { readonly signal?: AbortSignal }): Promise<LanguageModelSession>
  /** End it: what is under way, and whatever is asked after, rejects with an AbortError. */
  destroy(): void
}

/** What sampling may be. */
export interface LanguageModelParams {
  /** Where every token is kept, as many as there are at most. */
  readonly defaultTopK: number
  readonly maxTopK: number
  readonly defaultTemperature: number
  readonly maxTemperature: number
}

/** What `LanguageModel` is to a page. */
export interface LanguageModelShape {
  availability(options?: CreateCoreOptions): Promise<Availability>
  /** What the model proposes; before one is loaded, what models do that propose nothing. Loads nothing. */
  params(): Promise<LanguageModelParams>
  create(options?: CreateOptions): Promise<LanguageModelSession>
}
