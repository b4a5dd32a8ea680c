/**
 * @file Requests and answers as OpenAI's reference documents them, so far as a model in the browser takes and makes them.
 * Requests of OpenAI's own types are accepted by the compiler and judged when they come; answers are of OpenAI's types,
 * with a few numbers more in `usage`.
 */

/** Parameters that chats and completions have in common. What is null counts as left out. */
export interface SharedParameters {
  /** The name of the loaded model, or left out. */
  readonly model?: string | null
  readonly stream?: boolean | null
  /** `include_usage`: a last chunk, without choices, tells the usage. */
  readonly stream_options?: { readonly include_usage?: boolean; readonly include_obfuscation?: boolean } | null
  /** How many replies. Default 1. */
  readonly n?: number | null
  readonly stop?: string | readonly string[] | null
  /** Reply i of n draws with seed + i. */
  readonly seed?: number | null
  readonly max_tokens?: number | null
  readonly temperature?: number | null
  readonly top_p?: number | null
  /** Not OpenAI's, but of many who speak its language: how many ids are drawn from, 0 for all. */
  readonly top_k?: number | null
  /** As vLLM has it: the reply does not end by itself before. */
  readonly min_tokens?: number | null
  /** Not OpenAI's either: ids at least this many times as probable as the most probable one are kept. */
  readonly min_p?: number | null
  readonly presence_penalty?: number | null
  readonly frequency_penalty?: number | null
  /** Id of a token -> what is added to its logit. */
  readonly logit_bias?: Readonly<Record<string, number>> | null
  /** What the reply is written in, from its first character to its last. One format a request. */
  readonly response_format?: ResponseFormat | null
  /** As llama.cpp's server has them: a JSON Schema, a grammar in GBNF. */
  readonly json_schema?: object | null
  readonly grammar?: string | null
  /** As vLLM has them: a JSON Schema or its JSON, a regular expression, one of several texts, a grammar in GBNF. */
  readonly guided_json?: object | string | null
  readonly guided_regex?: string | null
  readonly guided_choice?: readonly string[] | null
  readonly guided_grammar?: string | null
  /** Their newer names. */
  readonly structured_outputs?: {
    readonly json?: object | string | null
    readonly json_object?: boolean | null
    readonly regex?: string | null
    readonly choice?: readonly string[] | null
    readonly grammar?: string | null
  } | null
}

/** What `chat.completions.create` takes. */
export interface ChatRequest extends SharedParameters {
  readonly messages: readonly ChatMessage[]
  readonly max_completion_tokens?: number | null
  readonly logprobs?: boolean | null
  /** 0 to 20; with `logprobs`. */
  readonly top_logprobs?: number | null
  /**
   * For models that were taught to think: `low`, `medium` and `high` (or `xhigh`) say for how long; `none`, `minimal` or
   * left out, that they do not.
   */
  readonly reasoning_effort?: string | null
  /** Only for models that were taught to call tools: those whose prompt format says how. Calls keep to their schemas. */
  readonly tools?: readonly ChatTool[] | null
  readonly tool_choice?: string | { readonly type: string; readonly function?: { readonly name: string } } | null
  /** False: at most one call a reply. Default true. */
  readonly parallel_tool_calls?: boolean | null
}

/** What `completions.create` takes: texts that are to go on as they are. */
export interface CompletionRequest extends SharedParameters {
  /** A text or several; without one, the beginning of a text. Ids are refused. */
  readonly prompt: string | readonly string[] | readonly number[] | readonly (readonly number[])[] | null
  /** For models that were taught to fill gaps: what stands behind each text that is made. */
  readonly suffix?: string | null
  /** Alternatives to each token, 0 to 20. */
  readonly logprobs?: number | false | null
}

/** A message of a chat. Content is text, or a list of parts of type `text`. */
export interface ChatMessage {
  readonly role: 'system' | 'developer' | 'user' | 'assistant' | 'tool' | 'function'
  readonly content?: string | readonly ContentPart[] | null
  readonly refusal?: string | null
  /** Of an answer; not read: a conversation goes on from answers without their thoughts. */
  readonly reasoning_content?: string | null
  readonly tool_calls?: readonly { readonly id: string; readonly type: string; readonly function?: CalledFunction }[]
  /** Of a message of role `tool`: which call it answers. */
  readonly tool_call_id?: string
}

/** A part of a message's content. */
export interface ContentPart {
  readonly type: string
  readonly text?: string
  readonly refusal?: string
}

/** What a reply must be. */
export interface ResponseFormat {
  readonly type: 'text' | 'json_object' | 'json_schema' | 'regex' | 'grammar'
  readonly json_schema?: { readonly name?: string; readonly schema?: object; readonly strict?: boolean | null }
  /** Of the type `json_object` or `json_schema`, as llama.cpp has it. */
  readonly schema?: object
  /** Of the type `regex` or `grammar`, as `ReplyFormat` has them. */
  readonly pattern?: string
  readonly grammar?: string
}

/** A function that the model may call. */
export interface ChatTool {
  readonly type: string
  readonly function?: { readonly name: string; readonly description?: string; readonly parameters?: object }
}

/** Name and arguments of a call; the arguments are JSON. */
export interface CalledFunction {
  readonly name: string
  readonly arguments: string
}

/** A call that a reply made. */
export interface ToolCall {
  id: string
  type: 'function'
  function: { name: string; arguments: string }
}

/** What a request cost, in ids; the last three are our own. */
export interface Usage {
  prompt_tokens: number
  completion_tokens: number
  total_tokens: number
  /** Ids of the prompt that had been read before. */
  prompt_tokens_details: { cached_tokens: number }
  /** Of the completion, those of thoughts; absent where there are none. */
  completion_tokens_details?: { reasoning_tokens: number }
  /** Ids read a second, without those that had been read before. */
  prefill_tokens_per_second: number
  /** Ids drawn a second, of all replies together. */
  decode_tokens_per_second: number
  /** From the call to the first piece of text. */
  time_to_first_token_ms: number
}

/** Why a reply ended. */
export type FinishReason = 'stop' | 'length' | 'tool_calls'

/** A token with its log probability. */
export interface TokenLogprob {
  token: string
  bytes: number[] | null
  logprob: number
}

/** The tokens of a choice, or of a part of it. */
export interface ChatLogprobs {
  content: (TokenLogprob & { top_logprobs: TokenLogprob[] })[] | null
  refusal: null
}

/** The answer to a chat. */
export interface ChatCompletion {
  id: string
  object: 'chat.completion'
  /** Seconds since 1970. */
  created: number
  model: string
  /** Of the weights. */
  system_fingerprint: string
  choices: {
    index: number
    message: {
      role: 'assistant'
      content: string | null
      refusal: null
      /** Not OpenAI's, but of many who speak its language: what the model thought in front of the content. */
      reasoning_content?: string
      tool_calls?: ToolCall[]
    }
    logprobs: ChatLogprobs | null
    finish_reason: FinishReason
  }[]
  usage: Usage
}

/** A part of a streamed answer to a chat. */
export interface ChatCompletionChunk {
  id: string
  object: 'chat.completion.chunk'
  created: number
  model: string
  system_fingerprint: string
  choices: {
    index: number
    delta: {
      role?: 'assistant'
      content?: string
      reasoning_content?: string
      tool_calls?: (ToolCall & { index: number })[]
    }
    logprobs: ChatLogprobs | null
    finish_reason: FinishReason | null
  }[]
  /** Only if it was asked for: null in all chunks but the last. */
  usage?: Usage | null
}

/** The answer to a completion. */
export interface Completion extends CompletionHead {
  choices: (CompletionPart & { finish_reason: 'stop' | 'length' })[]
  usage: Usage
}

/** A part of a streamed completion; OpenAI's type is that of the whole, though it too ends a choice only once. */
export interface CompletionChunk extends CompletionHead {
  choices: (CompletionPart & { finish_reason: 'stop' | 'length' | null })[]
  /** Only if it was asked for: null in all chunks but the last. */
  usage?: Usage | null
}

interface CompletionHead {
  id: string
  object: 'text_completion'
  created: number
  model: string
  system_fingerprint: string
}

interface CompletionPart {
  index: number
  text: string
  logprobs: CompletionLogprobs | null
}

/** The tokens of a completion. */
export interface CompletionLogprobs {
  tokens: string[]
  token_logprobs: number[]
  top_logprobs: Record<string, number>[]
  text_offset: number[]
}

/** Options of `create`, beside the request. */
export interface CreateOptions {
  readonly signal?: AbortSignal | null
}

/** Chats and completions in OpenAI's shape. */
export interface OpenAIShape {
  readonly chat: {
    readonly completions: {
      /**
       * Answer a chat.
       * @throws RwkvError `option/invalid` for a parameter that is unknown, unsupported or out of range; `errorBody` gives
       * OpenAI's shape of it
       */
      create(
        request: ChatRequest & { readonly stream: true },
        options?: CreateOptions,
      ): Promise<AsyncIterable<ChatCompletionChunk>>
      create(
        request: ChatRequest & { readonly stream?: false | null },
        options?: CreateOptions,
      ): Promise<ChatCompletion>
      create(
        request: ChatRequest,
        options?: CreateOptions,
      ): Promise<ChatCompletion | AsyncIterable<ChatCompletionChunk>>
    }
  }
  readonly completions: {
    /** Go on with a text, without the model's prompt format. @throws RwkvError as `chat.completions.create` */
    create(
      request: CompletionRequest & { readonly stream: true },
      options?: CreateOptions,
    ): Promise<AsyncIterable<CompletionChunk>>
    create(
      request: CompletionRequest & { readonly stream?: false | null },
      options?: CreateOptions,
    ): Promise<Completion>
    create(request: CompletionRequest, options?: CreateOptions): Promise<Completion | AsyncIterable<CompletionChunk>>
  }
}
