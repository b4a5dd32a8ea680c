/**
 * @file The nouns of the public API, as types only: what the engine implements and what the page's client gives out, so
 * that the same program runs against either. Long, since it is the reference of the whole API, to be read from top to
 * bottom. Letters: L layers, C channels, F channel-mix width, V vocabulary, T tokens.
 */

import type { GivenBytes } from './given-bytes.ts'

/** Sizes of a model, read from the names and shapes of its tensors. */
export interface ModelConfig {
  readonly version: 4 | 5 | 6 | 7
  readonly L: number
  readonly C: number
  readonly F: number
  readonly V: number
  /** Channels of a head: 16, 32, 64 or 128. Only of versions with heads. */
  readonly headSize?: number
  /** Of low-rank products. Only of RWKV-7 and RWKV-6. */
  readonly ranks?: LowRanks | MixRanks
  /** Only of RWKV-5: 5.0 has no gate, and until 5.2 heads fade as a whole, by one number each. */
  readonly minor?: 0 | 1 | 2
  /** There where LN0 has gone into the embedding of the file; its tensors are missing, and no step normalises by it. */
  readonly hasNormedEmbedding?: true
}

/** Ranks of the low-rank products by which RWKV-6 mixes its inputs and fades. */
export interface MixRanks {
  /** Of each of the five inputs of time-mix. */
  readonly mix: number
  readonly decay: number
}

/** Ranks of the low-rank products that make value residual, decay, in-context learning rate and gate of RWKV-7. */
export interface LowRanks {
  readonly v: number
  readonly w: number
  readonly a: number
  readonly g: number
}

/**
 * How the weight matrices lie in GPU memory; q8 and q4 keep the embedding as the file has it, and q4 the head in q8.
 * Arithmetic, activations and state are always f32.
 */
export type WeightFormat = 'f32' | 'f16' | 'bf16' | 'q8' | 'q4'

/** Blocks of GGUF that stay what they are on the GPU, value for value. They come from such a file alone. */
export type BlockFormat = 'q4_1' | 'q5_1' | 'q4_k' | 'q5_k' | 'q6_k'

/** How kernels share their work among invocations: as suits real GPUs, or software adapters. */
export type PresetName = 'software' | 'gpu'

/** What computes a model: the GPU, or the CPU through WebAssembly. */
export type DeviceName = 'webgpu' | 'wasm'

/** How a chat is written as text; `{text}` stands for the (trimmed) message. See RWKV-4's model cards. */
export interface PromptFormat {
  /** Around a user's message, such as `User: {text}\n\n`. */
  readonly user: string
  /** What the reply follows, such as `Assistant:`; no space after the colon. */
  readonly assistant: string
  /** What closes a reply, such as `\n\n`. */
  readonly end: string
  /** Texts that end a reply wherever they appear in it; never shown. */
  readonly stop: readonly string[]
  /** Fed once at the start of a session. */
  readonly opener?: string
  /** Around a system text, such as `System: {text}\n\n`; without it the text stands alone, with `end` behind it. */
  readonly system?: string
  /** How the model was taught to think before it answers; absent where it was not. */
  readonly think?: ThinkFormat
  /** How the model was taught to call tools; absent where it was not. */
  readonly tools?: ToolFormat
  /** How the model was taught to write what stands between two texts; absent where it was not. */
  readonly fillIn?: FillInFormat
}

/** How replies are begun for a model that was taught to think in front of its answers. */
export interface ThinkFormat {
  /** Of a reply without thoughts, such as ` <think></think`; the model says what is missing of `close`. */
  readonly skip: string
  /** Of one with thoughts, such as ` <think`; the model says the last character of the tag. */
  readonly open: string
  /** Behind the thoughts, such as `</think>`. */
  readonly close: string
  /** Behind the user's message, if it is to be thought about; or for a short time, or a long one. */
  readonly on: string
  readonly aBit: string
  readonly aLot: string
}

/** Whether a reply begins with thoughts, and how long they should be. */
export type Thinking = boolean | 'a bit' | 'a lot'

/** What a reply began with. */
export interface Thoughts {
  readonly text: string
  /** Ids that were drawn for them and for the tag around them. */
  readonly tokens: number
}

/** How tools are told of, called and answered; only a model that was trained on such texts knows what to do with them. */
export interface ToolFormat {
  /** Read behind the system text, with `{tools}` in it. */
  readonly present: string
  /**
   * What `{tools}` stands for. `json` (default): a line of JSON a tool, its name, description and parameters. `signatures`: a
   * line `- name(argument: type, …)` a tool; where one has a description, a list of JSON instead, with name, description and
   * arguments.
   */
  readonly style?: 'json' | 'signatures'
  /**
   * In front of a call within a reply, and behind it; between them is JSON, `{"name": …, "arguments": {…}}`. White space
   * around them is written, and may be missing in what the model says.
   */
  readonly callStart: string
  readonly callEnd: string
  /** Between a text and a call, and between calls. Default: nothing. */
  readonly between?: string
  /** Around what a tool gave back, `{text}`. */
  readonly result: string
}

/** How a model that was taught to fill gaps is asked to. */
export interface FillInFormat {
  /** What it reads, with `{prefix}` and `{suffix}` in it; the reply goes on behind it. */
  readonly text: string
  /** What ends the reply, and stands in neither text. */
  readonly stop: string
}

/** How the next id is drawn from the logits. Each name, range and default: `sample/options.ts`. */
export interface SamplingOptions {
  /** 0 is greedy; 1 leaves the distribution as it is. Range 0 to 10. */
  readonly temperature: number
  /** Keep the smallest set of ids whose probabilities add up to this. 0 is greedy. Range 0 to 1. */
  readonly topP: number
  /** Keep at most this many ids; 0 keeps all. */
  readonly topK: number
  /** Taken from the logit of each id already in this reply. Range -10 to 10. */
  readonly presencePenalty: number
  /** Taken from the logit of an id for each (decayed) time it is in this reply. Range -10 to 10. */
  readonly frequencyPenalty: number
  /**
   * Tokens that are not counted for the frequency penalty, by id or text, such as the digits of numbers. A text that is no
   * single token of the vocabulary says nothing.
   */
  readonly frequencyExempt?: readonly (number | string)[]
  /** Factor on all counts with each generated token. Range 0 to 1. */
  readonly penaltyDecay: number
  /** Keep only ids at least this many times as probable as the most probable one. Range 0 to 1; 0 keeps all. */
  readonly minP: number
  /** The reply is cut after this many tokens. At least 1. */
  readonly maxTokens: number
  /**
   * The reply does not end by itself before it has this many tokens: until then neither the end of the text nor an id
   * that would complete a stop text is drawn, as long as there is another.
   */
  readonly minTokens: number
  /** Same seed, same model, same prompt: same reply. An integer from 0 to 2^53 - 1; drawn by chance if left out. */
  readonly seed?: number
  /** Added to the logits of these tokens. */
  readonly logitBias?: readonly LogitBias[]
  /** Only these ids are drawn; the end of the text too only if it is one of them. At least one. */
  readonly allowedIds?: readonly number[]
  /** These ids are never drawn. */
  readonly bannedIds?: readonly number[]
  /**
   * Texts that end the reply, besides those of the prompt format; never shown, not even in part. None of them empty. None
   * starts in the white space that leads a reply after words such as `Assistant:`, which is no part of the answer.
   */
  readonly stop?: readonly string[]
  /**
   * Tell the log probability of each token, and of this many alternatives: 0 to 20. They are those of the model itself,
   * before penalties, biases and temperature.
   */
  readonly logprobs?: number
  /**
   * The reply is written in this format, from its first character to its last; thoughts in front of it are not. The format
   * says where the reply ends: the prompt format's stop texts do not count, those of `stop` do, and may cut it. If
   * `maxTokens` leaves a token for each byte of the shortest text that fits, what is said is whole when it ends; else its
   * `finishReason` is `length`.
   */
  readonly format?: ReplyFormat
}

/**
 * What a reply is written in. Plain data. A feature that cannot be enforced is refused; the error names it.
 * - `json`: an object of JSON.
 * - `json-schema`: JSON that a JSON Schema describes.
 * - `regex`: a text that an ECMAScript regular expression matches as a whole; `flags` as of a `RegExp`, by default `u`.
 * - `grammar`: what the rule `root` of a grammar in llama.cpp's notation GBNF says. Rules by the names of `schemas` are JSON
 *   that a JSON Schema describes.
 */
export type ReplyFormat =
  | { readonly type: 'json' }
  | { readonly type: 'json-schema'; readonly schema: object }
  | { readonly type: 'regex'; readonly pattern: string; readonly flags?: string }
  | { readonly type: 'grammar'; readonly grammar: string; readonly schemas?: Readonly<Record<string, object>> }

/** A nudge for one token. */
export interface LogitBias {
  /** An id, or a text that is one token of the vocabulary, such as ` cat`. */
  readonly token: number | string
  /** In nats. Range -100 to 100. */
  readonly bias: number
}

/** A token that was drawn. */
export interface SaidToken extends TokenChoice {
  /** Place in the reply, from 0. */
  readonly index: number
  /**
   * What it adds to the reply; a character whose bytes come in several tokens comes with the last of them. The texts of all
   * tokens are the reply's text, so the token in which a stop text begins is told too, with what it says before it.
   */
  readonly text: string
  /** True for tokens of the thoughts and of the tag around them, which are no part of the answer. */
  readonly isThought?: true
  /** With the option `logprobs`: the most probable ids at this place, best first; the drawn one may be among them. */
  readonly alternatives?: readonly TokenChoice[]
}

/** An id that may stand at a place of a reply. */
export interface TokenChoice {
  readonly id: number
  /** What it stands for; bytes that are not UTF-8 by themselves become U+FFFD. */
  readonly text: string
  /** With the option `logprobs`: natural logarithm of the model's probability, at most 0. */
  readonly logprob?: number
}

/** What the model runs on: a GPU's adapter, or the CPU through WebAssembly. */
export interface AdapterDescription {
  readonly vendor: string
  readonly architecture: string
  readonly description: string
  /** True for a software adapter: everything works, slowly. */
  readonly isFallback: boolean
  /** Names of what it can do beyond the minimum, sorted. None of it is needed. */
  readonly features: readonly string[]
  /** The limits it offers that matter here, by WebGPU's names. No more than WebGPU's defaults is used of them. */
  readonly limits: Readonly<Record<string, number>>
}

/** Rows of C numbers that a layer remembers. */
export interface StateRows {
  readonly name: string
  /** Of more than one they are matrices of C / count heads, one after another, each (count, count): key and value channel. */
  readonly count: number
  /** What they hold before the first token. */
  readonly initial: number
  /** For people. */
  readonly about: string
  /** The row by which this one means something when it is divided, and what that is, for people. */
  readonly over?: { readonly name: string; readonly about: string }
}

/** What a loaded model is and takes. */
export interface ModelInfo {
  readonly name: string
  readonly config: ModelConfig
  /** The rows of each layer, in the order in which they lie in a state, f32 (L, R, C): R of them in all. */
  readonly state: readonly StateRows[]
  readonly license: string
  /** SHA-256 of all tensors that are no matrices, as f32 in the order of their names, in hex: saved sessions belong to it. */
  readonly fingerprint: string
  /** What was asked for, or the format of the file's matrices; where these are of several, most bytes first: `q4_k + q6_k`. */
  readonly weights: string
  readonly weightByteLength: number
  /** Size of one state, L·R·C·4 bytes, whatever the length of its text. */
  readonly stateByteLength: number
  /** What computes it, and in a sentence why that. */
  readonly device: { readonly name: DeviceName; readonly reason: string }
  readonly adapter: AdapterDescription
  /** Of WebGPU's kernels; undefined on another device. */
  readonly preset: PresetName | undefined
  /** Of WebAssembly: how many there are to compute it; undefined on another device. */
  readonly threads: number | undefined
  /** Sentences for the user about this model on this machine; usually none. */
  readonly warnings: readonly string[]
  readonly promptFormat: PromptFormat
  /** The model's own sampling defaults. */
  readonly sampling: SamplingOptions
}

/** One report of a load; `loaded` never falls within a phase and file, and the last report has `phase: 'ready'`. */
export interface LoadProgress {
  /** `download` puts files into the store; `weights` brings them to the GPU, from there or from the network. */
  readonly phase: 'open' | 'download' | 'weights' | 'compile' | 'ready'
  readonly file: string
  /** Bytes. */
  readonly loaded: number
  /** Bytes; 0 while not known. */
  readonly total: number
  /** Mean over the last seconds of this phase; 0 while not known. */
  readonly bytesPerSecond: number
  /** Until the end of this phase; undefined while not known. */
  readonly etaMs: number | undefined
  /** True if no byte of the weights comes from the network in this load. */
  readonly fromStore: boolean
  /** What the user should know, once: such as that nothing can be kept on this device, and why. */
  readonly notice?: string
}

/**
 * Where a model is: URL of a folder (ending in `/`) or of a weights file, `hf:owner/repo[@revision][/file]`, or files the
 * user chose: the weights, and what belongs to them. Bytes without a name are weights too.
 */
export type ModelSource = string | URL | GivenBytes | readonly File[] | FileList

/** Options of `loadModel` that mean the same in the page and in the engine. */
export interface LoadOptions {
  /**
   * `auto` (default) keeps each matrix in the file's own format: blocks of GGUF are q8 where that holds them value for value,
   * else a `BlockFormat`, but f32 in WebAssembly; 16 bits are f32, which holds them, on adapters where that is faster and memory
   * allows it. Anything else rounds: q8 takes 9 bits a weight and loses next to nothing, q4 takes 6 and loses little.
   */
  readonly weights?: WeightFormat | 'auto'
  /**
   * `auto` (default) takes the first that is here and can run the model: a GPU, WebAssembly, WebGPU in software. It leaves a
   * GPU that computes wrong results, or that was lost and is not given again. `info.device` says what was taken, and why.
   */
  readonly device?: DeviceName | 'auto'
  /**
   * Of WebAssembly, at most as many as there are cores; one where the page is not cross-origin isolated. Default: as many as
   * pay, with one core left to the page. What is computed does not depend on it.
   */
  readonly threads?: number
  /** Of WebGPU's kernels; default: by the adapter. Any works anywhere, at another speed. */
  readonly preset?: PresetName
  /**
   * Where a GPU failed before: under `auto` it is left alone if WebAssembly runs the model, else its preset is `software`; and
   * prompts are fed id by id, so that no step takes long. Default false.
   */
  readonly safe?: boolean
  /** Sent with every request for the model's files. */
  readonly headers?: Readonly<Record<string, string>>
  /** The vocabulary of World models or the `tokenizer.json` of others, where it does not lie beside the weights. */
  readonly vocabulary?: string | URL | GivenBytes
  /** An access token of the Hub, for private and gated repositories. */
  readonly token?: string
  /** The Hub's address, if not https://huggingface.co. */
  readonly hubUrl?: string
  /** False keeps nothing on this device; by default what is fetched is kept, where the platform can. */
  readonly store?: boolean
  /** What the models of this engine may take of GPU memory together, this one's weights and first states included. */
  readonly budgetByteLength?: number
  /** Where the budget would be exceeded, dispose the models that were not used for longest. Default: refuse the load. */
  readonly evict?: 'least-recently-used'
  /**
   * How long calls wait where the GPU is lost, in milliseconds, for another and for the model to be brought there; then they
   * go on, and say what they would have said. Where none is given in this time the model goes on on the CPU under `device`
   * `auto`, else they reject with `gpu/lost`. Meanwhile copies of states are kept in memory, of each 256 ids one; 0 keeps
   * none, and calls reject at once. Default 30,000.
   */
  readonly recoveryMs?: number
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: LoadProgress) => void
  /** Told when the GPU is lost after the load, and what comes of it. */
  readonly onRecovery?: (recovery: Recovery) => void
}

/** What becomes of a model whose GPU was lost. */
export interface Recovery {
  /** `waiting`: calls wait for another device; `back`: they go on there; `gone`: there is none, and they reject with `gpu/lost`. */
  readonly phase: 'waiting' | 'back' | 'gone'
  /** Whether what is said is what would have been said without the loss; on another kind of device it may differ. */
  readonly sameIds: boolean
  /** Of where the model is now, or was. */
  readonly info: ModelInfo
}

/** Options of `Model.encode`. */
export interface EncodeOptions {
  /** Default: true. */
  readonly special?: boolean
}

/** A model kept on this device, whole or in part. */
export interface StoredModel {
  /** The source it was loaded from: pass it to `loadModel`. */
  readonly model: string
  readonly files: readonly {
    readonly name: string
    readonly byteLength: number
    /** Less than `byteLength` while a download is not finished. */
    readonly storedByteLength: number
    /** When its download began, in milliseconds since 1970. */
    readonly savedAt: number
  }[]
  readonly byteLength: number
  readonly storedByteLength: number
}

/**
 * A model in GPU memory. The caller disposes it; its sessions and states go with it, and whatever is asked of them after
 * that rejects with `model/disposed`.
 */
export interface Model {
  /** What it is and where; after a move to another device, see `LoadOptions.recoveryMs`, it says that. */
  readonly info: ModelInfo
  /**
   * Text -> ids. A special token that is spelled out, such as `<|endoftext|>`, becomes its id; with `special: false`, as in
   * messages of conversations, it is text like any other.
   */
  encode(text: string, options?: EncodeOptions): Promise<number[]>
  /** Ids -> text, special tokens as they are spelled; bytes that are not UTF-8 become U+FFFD. */
  decode(ids: readonly number[]): Promise<string>
  /** A fresh state, as at the start of a text. Disposed by the caller. @throws RwkvError `session/initial-state` */
  createState(options?: StateOptions): Promise<State>
  /**
   * Advance several states together, each by its own ids: every weight is read once for all of them. The states must be
   * different ones of this model; their numbers of ids may differ.
   */
  feedBatch(batch: readonly BatchEntry[], options?: FeedOptions): Promise<void>
  /**
   * Several replies, stepped together: one to each of some first messages, or several to the same message, of which each
   * draws with a seed of its own, counted up from the given one. The session they start from stays as it is. Breaking out
   * of one reply ends that one alone; the signal ends all.
   */
  generateMany(from: readonly string[] | SamplesOf, options?: ManyOptions): Promise<readonly Reply[]>
  /**
   * Make several replies to the same message and take the one whose tokens the model thinks most probable on average.
   * @throws the signal's reason, if it is aborted
   */
  bestOf(from: SamplesOf, options?: Omit<ManyOptions, 'system'>): Promise<Best>
  /**
   * Write what stands between two texts, such as the code at a cursor. The reply is neither trimmed nor kept, and ends by
   * itself where the suffix goes on.
   * @throws RwkvError `option/invalid` if the model was not taught to, or a text has the format's stop text in it
   */
  fillIn(prefix: string, suffix: string, options?: FillInOptions): Reply
  /** A conversation. Disposed by the caller. @throws RwkvError `session/initial-state` */
  createSession(options?: SessionOptions): Promise<Session>
  /**
   * Continue a conversation from the bytes of `Session.save()`, or from the parts of `saveParts()`, with its transcript and
   * marks. What was said before a state that is missing among the parts is read again. Disposed by the caller.
   * @throws RwkvError `session/saved` if they are damaged or of another model; `option/invalid` for what is no bytes
   */
  restoreSession(saved: GivenBytes | Pick<SavedParts, 'session' | 'states'>): Promise<Session>
  /**
   * Perplexity of a text of any length. A text is preceded by the model's first id, if it has one; ids are taken as they
   * are. The first id is not scored: there is nothing to predict it from.
   * @throws RwkvError `option/invalid` if there is nothing to score
   */
  evaluate(text: string | readonly number[], options?: EvaluateOptions): Promise<Evaluation>
  /**
   * How probable `continuation` is after `context`. Texts are encoded each by itself; a context that is a text is preceded
   * by the model's first id, if it has one.
   * @throws RwkvError `option/invalid` if either is empty
   */
  score(
    context: string | readonly number[],
    continuation: string | readonly number[],
    options?: Pick<EvaluateOptions, 'signal'>,
  ): Promise<Score>
  /**
   * What each kernel takes on this GPU, slowest first, in a step that feeds a state `tokens` ids (default 1; at most 256)
   * and draws one; undefined where the GPU has no timestamp queries. Averages of rounds of about half a second, since
   * browsers round timestamps (Chrome to 0.1 ms). Sessions wait meanwhile.
   * @throws RwkvError `option/invalid`
   */
  profile(options?: { readonly tokens?: number }): Promise<readonly KernelTime[] | undefined>
  /** What the GPU has been asked to do for this model, and what it holds for it. */
  counters(): Promise<GpuCounters>
  dispose(): Promise<void>
}

/** What a kernel takes in one step. */
export interface KernelTime {
  /** The kernel, and the weights it is for where there are several: such as `matvec ffn.value`. */
  readonly kernel: string
  /** How often it runs: once a layer, mostly. */
  readonly dispatches: number
  /** Of all its dispatches together. */
  readonly elapsedMs: number
}

/** Several replies to one message: what `n` forks of a session answer. */
export interface SamplesOf {
  readonly session: Session
  /** Left out: what was fed last is answered, as `Session.respond` does. */
  readonly prompt?: string
  /** How many; at least 1. */
  readonly n: number
}

/** Options of `Model.generateMany`. */
export interface ManyOptions extends Omit<PromptOptions, 'onToken' | 'onThoughts' | 'onRead'> {
  /** Of the sessions that are made for first messages. */
  readonly system?: string
  /** As `PromptOptions.onToken`, with the place of the reply among all. */
  readonly onToken?: (token: SaidToken, reply: number) => void
  /** As `PromptOptions.onThoughts`, with the place of the reply among all. */
  readonly onThoughts?: (piece: string, reply: number) => void
}

/** The best of several replies. */
export interface Best {
  /** The conversation with the best reply at its end. Disposed by the caller. */
  readonly session: Session
  readonly summary: ReplySummary
  /** All of them, in the order of their seeds. */
  readonly all: readonly ReplySummary[]
}

/** Options of `Model.evaluate`. */
export interface EvaluateOptions {
  readonly signal?: AbortSignal
  /** Told how many ids of how many are done. */
  readonly onProgress?: (done: number, total: number) => void
  /** Tell the log probability of each id too. */
  readonly logprobs?: boolean
}

/** How well a model predicts a text. In nats. */
export interface Evaluation {
  /** Ids that were scored. */
  readonly tokens: number
  /** Bytes of UTF-8 that they stand for; absent where the model came without a vocabulary, as is `nllPerByte`. */
  readonly bytes?: number
  /** Mean of -log p(id | all before it). */
  readonly nllPerToken: number
  /** The same sum a byte, to compare models of different vocabularies. */
  readonly nllPerByte?: number
  /** exp(nllPerToken). */
  readonly perplexity: number
  /** f32 (tokens), in nats, at most 0: of each id that was scored, in order. Only if asked for. */
  readonly logprobs?: Float32Array
}

/** How a model thinks of a continuation. */
export interface Score {
  /** Nats, at most 0: the sum over its ids. */
  readonly logprob: number
  /** Whether each of its ids is the most probable one at its place. */
  readonly isGreedy: boolean
}

/** Options of a beam search. */
export interface BeamOptions {
  /** How many continuations are followed: 1 to 32. */
  readonly width: number
  /** Ids of a continuation at most; at least 1. */
  readonly steps: number
  /**
   * Continuations are compared by logprob / length^lengthPenalty: 0 (default) prefers the most probable, 1 those with the
   * most probable tokens on average, more than that long ones. Range 0 to 10.
   */
  readonly lengthPenalty?: number
  readonly signal?: AbortSignal
}

/** A continuation that a beam search found. */
export interface Beam {
  /** Without what ended it. */
  readonly ids: readonly number[]
  /** In nats, as the model has it: the sum over all its ids, and the one that ended it. */
  readonly logprob: number
  /** What it was compared by: `logprob`, or what it would be of logits with `logitBias`, / length^lengthPenalty. */
  readonly score: number
  /** False if it was cut after `steps` ids. */
  readonly ended: boolean
}

/** A continuation in words. */
export interface TextBeam extends Beam {
  /** Up to what ended it. */
  readonly text: string
}

/** Low level: one recurrent state and the logits after what was last fed to it. */
export interface State {
  /**
   * Advance by `ids`. Calls are carried out in order.
   * @throws RwkvError `text/unknown-id` for an id outside 0 … V-1.
   */
  feed(ids: readonly number[], options?: FeedOptions): Promise<void>
  /** f32 (V): the logits after the last id fed. @throws RwkvError `session/no-logits` before the first `feed`. */
  logits(): Promise<Float32Array>
  /** As `feed`, and f32 (T, V): the logits after each id. */
  feedAll(ids: readonly number[], options?: FeedOptions): Promise<Float32Array>
  /**
   * As `feed`, and tell what went through the layers meanwhile. Only the steps of this call pay for it.
   * @returns one entry a layer asked for, the lowest first
   */
  trace<N extends TraceName = TraceName>(
    ids: readonly number[],
    options?: TraceOptions<N>,
  ): Promise<readonly LayerTrace<N>[]>
  /**
   * Search for the most probable continuations of what was fed; the state stays as it is.
   * @returns at most `width`, the best first
   * @throws RwkvError `session/no-logits` before the first `feed`
   */
  beamSearch(options: BeamOptions & { readonly stopIds?: readonly number[] }): Promise<readonly Beam[]>
  /** f32 (L, R, C): a copy of the state, with rows as `ModelInfo.state` says; `reorderState` gives other orders. */
  read(): Promise<Float32Array>
  /**
   * What the state says about itself; with `since`, the rows that `read()` gave when `tokens` fewer ids had been fed, also
   * how much of it is recent.
   */
  inspect(options?: { readonly since: Float32Array; readonly tokens: number }): Promise<Inspection>
  /**
   * Replace the state by f32 (L, R, C); its logits are unknown until the next `feed`.
   * @throws RwkvError `option/invalid` for another type or length, or values that are not finite
   */
  write(rows: Float32Array): Promise<void>
  dispose(): Promise<void>
}

/** A look at a state. */
export interface Inspection {
  /** L. */
  readonly layers: readonly LayerInspection[]
}

/** A look at what one layer remembers. */
export interface LayerInspection {
  /** Euclidean norms by name; of RWKV-4 those of the shift rows, attX and ffnX, and of the mean of values, aa/bb. */
  readonly norms: Readonly<Record<string, number>>
  /**
   * f32 (C), in tokens: after so many, half of what a channel holds is left. Only of versions in which it is a property of
   * the weights, such as RWKV-4 and RWKV-5, where they are the channels of keys.
   */
  readonly halfLife?: Float32Array
  /**
   * f32 (C) each, in tokens: between which the half-life of a channel lies, whatever is read. Only of versions in which each
   * token decides how fast its channels fade, RWKV-6 and RWKV-7, where they are the channels of keys.
   */
  readonly halfLifeBounds?: { readonly least: Float32Array; readonly most: Float32Array }
  /** f32 (C), 0 to 1: the share of what a channel holds that the last n tokens put there. Only if asked for. */
  readonly recentShare?: Float32Array
}

/** One member of a batch. */
export interface BatchEntry {
  readonly state: State
  readonly ids: readonly number[]
}

/** Options of `State.feed`. */
export interface FeedOptions {
  /**
   * Tokens of each state a step; 1 is time-sequential mode, anything above it time-parallel. Default: as many as the GPU
   * does in about 150 ms. At most 256 token rows go through in one step, whatever is asked.
   */
  readonly chunk?: number
  readonly signal?: AbortSignal
}

/**
 * What can be read out of a layer while it runs, each f32 (T, C): the residual stream on its way in; receptance (before the
 * sigmoid), key and value of time-mix; and the WKV that they make, before the receptance lets it through.
 */
export type TraceName = 'x' | 'r' | 'k' | 'v' | 'wkv'

/** Options of `State.trace`. */
export interface TraceOptions<N extends TraceName = TraceName> extends FeedOptions {
  /** From 0 to L - 1; default: all. */
  readonly layers?: readonly number[]
  /** Default: all five. */
  readonly of?: readonly N[]
}

/** What went through a layer: f32 (T, C) by name. */
export type LayerTrace<N extends TraceName = TraceName> = { readonly layer: number } & Readonly<Record<N, Float32Array>>

/** Options of `Model.createState`. */
export interface StateOptions {
  /**
   * A tuned start state ("state tuning"), in place of the model's own: a file of `blocks.N.att.time_state` that was tuned on
   * this model, as `.pth` or as web-rwkv's converter writes it (`.st`, `.state`), or its address, `hf:` names included. What
   * is fetched is kept with the model.
   */
  readonly initialState?: string | URL | GivenBytes
}

/** Options of `Model.createSession`. `initialState` stays with the conversation, also where it is saved. */
export interface SessionOptions extends StateOptions {
  /** Text fed once at the start, in place of the prompt format's opener. */
  readonly system?: string
  /** How this conversation is written, in place of the model's own format; it stays with it. */
  readonly promptFormat?: PromptFormat
  /** Over the model's own defaults, for every reply of this session. */
  readonly sampling?: Partial<SamplingOptions>
  /**
   * True (default): what other sessions of this model have read is not read again, and what this one reads is kept for
   * them, up to a bound. False: neither.
   */
  readonly shared?: boolean
  /**
   * True: text goes on as it is, without the prompt format: no opener, nothing around messages, no stop texts. Default:
   * false.
   */
  readonly plain?: boolean
  /** For replies that do not say it: whether the model thinks first, if it was taught to. Default: false. */
  readonly think?: Thinking
  /**
   * True: the conversation goes on from a reply as it was said. False (default): from its answer without the thoughts, as
   * models that think were taught; so the thoughts of one reply do not sway the next.
   */
  readonly keepThoughts?: boolean
}

/** How far a prompt is read. */
export interface PromptProgress {
  /** Tokens in the state, with those that were cached. */
  readonly read: number
  /** Tokens that the reply waits for, with those. */
  readonly total: number
}

/** Options of `Session.prompt`. */
export interface PromptOptions {
  /** Over the session's sampling, for this reply. */
  readonly sampling?: Partial<SamplingOptions>
  /** Ends the reply within one token; the iterator throws the signal's reason, the session stays usable. */
  readonly signal?: AbortSignal
  /**
   * Told of each token of the reply in order, once it is certain that it is no part of a stop text. Where an error is
   * thrown in it, the reply goes on and the error is reported as an uncaught one.
   */
  readonly onToken?: (token: SaidToken) => void
  /**
   * Whether the model thinks before it answers; default: as the session does. `respond` goes by it too, but for how long
   * is said with the message.
   * @throws RwkvError `option/invalid` if the model was not taught to think
   */
  readonly think?: Thinking
  /** Told of the thoughts, piece by piece, before the first piece of the answer. Errors as in `onToken`. */
  readonly onThoughts?: (piece: string) => void
  /** Told after each step how far the prompt is read, before the first piece. Errors as in `onToken`. */
  readonly onRead?: (progress: PromptProgress) => void
  /**
   * Ids that the reply begins with, as if they had been drawn: `respond({ prefix: reply.ids })` after a rewind to the mark
   * before a reply that was cut goes on with it. They count among the ids of the summary, and their text comes first, but
   * not for `maxTokens`.
   */
  readonly prefix?: readonly number[]
}

/** Options of `Model.fillIn`. */
export type FillInOptions = Pick<PromptOptions, 'sampling' | 'signal' | 'onToken'>

/** Options of `Session.append`. */
export interface AppendOptions {
  /**
   * `text` (default) as it is, such as a document; `user` as a message, which `Session.respond` then answers; `assistant`
   * as a reply. A reply that this model gave is known by its text, and goes through as the ids that it was drawn in.
   */
  readonly role?: Message['role']
  /** Of a user's message: how long the reply to it is to be thought about, which is said with it. */
  readonly think?: Thinking
  readonly signal?: AbortSignal
}

/** One conversation: a state, and what must be known to continue it. */
export interface Session {
  /**
   * Ask, and stream the reply. Feeding begins at once; a second call waits for the first. Breaking out of the iterator
   * ends the reply as an abort does.
   */
  prompt(text: string, options?: PromptOptions): Reply
  /**
   * Reply to what was fed last, without a new message: after `append`, or after a rewind to the mark before a reply.
   * @throws RwkvError `session/nothing-to-answer` if there is nothing of that kind.
   */
  respond(options?: PromptOptions): Reply
  /** Read `text` without answering. @throws RwkvError `option/invalid` for another type or role */
  append(text: string, options?: AppendOptions): Promise<void>
  /**
   * Search for the most probable replies to `text`, or without it to what was fed last; the session stays as it is. A
   * reply ends as one of `prompt` does, and at the given stop texts. Of the session's sampling options those hold that say
   * what a reply may be: `format`, `bannedIds`, `allowedIds`, `logitBias`, `stop`, `minTokens`.
   * @returns at most `width`, the best first
   */
  beamSearch(
    text: string | undefined,
    options: BeamOptions & { readonly stop?: readonly string[] },
  ): Promise<readonly TextBeam[]>
  /**
   * What the state says about itself; since a mark of the same conversation, also how much of it is recent.
   * @throws RwkvError `session/unknown-mark`; `option/invalid` if what was said at the mark has been taken back
   */
  inspect(options?: { readonly since: Mark }): Promise<Inspection>
  /**
   * f32 (L, R, C): a copy of the state as it is now. Waits for nothing: while a reply is made, it is the state between two
   * of its tokens.
   */
  read(): Promise<Float32Array>
  /** What was said so far, each message with the mark in front of it. */
  transcript(): Promise<readonly Message[]>
  /** Remember this moment, for as long as the session or one that was forked from it lives. */
  mark(): Promise<Mark>
  /**
   * Be again as at the mark, at once, however much was said since. Marks in front of messages that this takes back are
   * forgotten; those made by `mark` stay.
   * @throws RwkvError `session/unknown-mark`
   */
  rewind(mark: Mark): Promise<void>
  /** A second session that begins at the mark. Disposed by the caller. @throws RwkvError `session/unknown-mark` */
  branch(mark: Mark): Promise<Session>
  /** A second session in the same place, with the same marks; neither sees what the other does. Disposed by the caller. */
  fork(): Promise<Session>
  /** All of it as bytes, for a file or another device with the same model: `Model.restoreSession`. */
  save(options?: SaveOptions): Promise<Uint8Array<ArrayBuffer>>
  /**
   * The same, with each state by itself: whoever saves again and again writes those that are new. After a reply that are
   * two: the conversation's, and that of the mark in front of the reply.
   */
  saveParts(options?: SavePartsOptions): Promise<SavedParts>
  dispose(): Promise<void>
}

/** Options of `Session.save`. */
export interface SaveOptions {
  /** Save at most this many marks, the latest; each has the size of a state. Default: all. */
  readonly marks?: number
  /**
   * How states are written, default `f32`, exactly as they are. `f16` takes half the bytes and rounds them, to three digits:
   * what is restored goes on a little differently.
   */
  readonly precision?: 'f32' | 'f16'
  /** The caller's own, such as a title or JSON: written into the file as they are; `savedNotes` gives them back. */
  readonly notes?: string
}

/** Options of `Session.saveParts`. */
export interface SavePartsOptions extends SaveOptions {
  /** Names of states that are kept already: they are left out. Default: none. */
  readonly known?: readonly string[]
}

/** A saved session, its states apart. */
export interface SavedParts {
  /** All but its states. Restored without them, a session reads again what was said. */
  readonly session: Uint8Array<ArrayBuffer>
  /** Of all states that belong to it. A name is a checksum of the state's bytes. */
  readonly names: readonly string[]
  /** Those that are not `known`, by name. */
  readonly states: ReadonlyMap<string, Uint8Array<ArrayBuffer>>
}

/** A moment of a conversation that one can go back to. Plain data; the state it stands for is kept by the session. */
export interface Mark {
  readonly id: number
  /** Ids seen by then. */
  readonly tokens: number
  /** Messages said by then. */
  readonly messages: number
}

/** A part of a conversation. */
export interface Message {
  readonly role: 'user' | 'assistant' | 'text'
  readonly text: string
  /**
   * The ids it went through the model as, with what the prompt format puts around them in front. Of a reply: the ids that
   * were drawn, also where the conversation goes on without its thoughts.
   */
  readonly ids: readonly number[]
  /** Of a reply that was to think: what it thought in front of `text`. */
  readonly thoughts?: Thoughts
  /** The moment before it. For a reply: the message it answers is there, and `Session.respond` answers it anew. */
  readonly before: Mark
}

/** A reply being made: iterate over its text, await its summary. One iteration only. */
export interface Reply extends AsyncIterable<string> {
  /** Resolves when the reply has ended, also by stop or abort; rejects if it failed. */
  readonly summary: Promise<ReplySummary>
}

/** What a reply was and cost. Times in milliseconds of wall clock. */
export interface ReplySummary {
  /** The answer. Where the model thinks, without white space around it; empty if the reply ended within its thoughts. */
  readonly text: string
  /** All that were drawn, those of thoughts too. */
  readonly ids: readonly number[]
  /** If the reply was to think. */
  readonly thoughts?: Thoughts
  /** One for each id, and for those that a stop text has cut, if `logprobs` was asked for. */
  readonly tokens?: readonly SaidToken[]
  /** What the reply was drawn with: asked again with it in the same place, it is the same. */
  readonly seed: number
  readonly finishReason: 'stop' | 'length' | 'abort'
  /** Ids fed to the state before the first new one could be drawn; those that need not be read again do not count. */
  readonly promptTokens: number
  readonly promptMs: number
  /** Ids in front of the reply: all that it answers to. */
  readonly contextTokens: number
  /** Of those, the ones that this conversation did not feed, since other sessions had read them before. */
  readonly reusedTokens: number
  readonly generateMs: number
  /** Generated tokens per second, the first not counted; 0 if there were fewer than two. */
  readonly tokensPerSecond: number
}

/** Totals since load. */
export interface GpuCounters {
  /** Forward steps: one token of one state, or one chunk. */
  readonly steps: number
  /** Ids fed, of all states. */
  readonly tokens: number
  /** How often a session began with a state that another had left behind instead of reading the same ids again. */
  readonly prefixHits: number
  readonly dispatches: number
  readonly submits: number
  /** Buffers, bind groups and pipelines made (not encoders, passes and command buffers). */
  readonly created: number
  readonly bytesReadBack: number
  /** Bytes of GPU buffers now alive. */
  readonly gpuByteLength: number
}
