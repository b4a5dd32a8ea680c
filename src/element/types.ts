/**
 * @file The public face of `<rwkv-chat>`, as types only and without a trace of Lit: the published declarations end here,
 * so users need no Lit to compile.
 */

import type { ErrorCode } from '../core/errors.ts'
import type {
  LoadOptions,
  LoadProgress,
  Model,
  ModelInfo,
  PromptFormat,
  ReplySummary,
  SamplingOptions,
  SavedParts,
  SaveOptions,
  SavePartsOptions,
  Session,
  SessionOptions,
  Thinking,
  Thoughts,
} from '../core/protocol.ts'
import type { RwkvChatLabels } from './labels/labels.ts'

/**
 * What the element is doing. `idle`: not in sight yet, or without `src`. `waiting`: for a click before it loads.
 * `unsupported`: no WebGPU here, and no WebAssembly in its place. `failed`: a fault with Try again is shown.
 */
export type ChatState = 'idle' | 'waiting' | 'loading' | 'ready' | 'replying' | 'failed' | 'unsupported'

/**
 * When the model is loaded. `lazy`: once the element is in sight, but above 20 MB (or where the size cannot be told)
 * only after a click. `eager`: at once, whatever its size. `interaction`: after a click; until then no request is made.
 */
export type LoadingMode = 'lazy' | 'eager' | 'interaction'

/** A text that is given along with a message. */
export interface Attachment {
  /** Of a file; a long paste has none. */
  readonly name?: string
  readonly text: string
}

/** One entry of the conversation. */
export interface ChatMessage {
  readonly role: 'user' | 'assistant'
  /** As the model has it: with what was attached. */
  readonly text: string
  /**
   * Of a message with attachments: how many characters of `text`, from its beginning, each takes. A file is `name:`, a line
   * end, and its text; behind each attachment stands a blank line, and then what the reader wrote.
   */
  readonly attachments?: readonly { readonly name?: string; readonly length: number }[]
  /** Of a reply that was to think: what it thought in front of its text. */
  readonly thoughts?: Thoughts
}

/** What can be said of `restore` besides what to restore. */
export interface RestoreOptions {
  /** Ends the reading of what was said `later`: `restore` rejects with its reason, the conversation that was there stays. */
  readonly signal?: AbortSignal
  /** Told how many messages of `later` have been read, after each. */
  readonly onRead?: (messages: number) => void
}

/** What a reply cost, as it is shown below it and kept with it. Times in milliseconds. */
export interface ReplyCost extends Pick<ReplySummary, 'finishReason' | 'promptMs' | 'tokensPerSecond'> {
  readonly tokens: number
}

/** Something that can be done with a message: a button below a reply, or beside a message of the reader's. */
export interface MessageAction {
  readonly label: string
  /** Path of an SVG of 24 by 24, drawn in lines in place of the label, which stays its name. */
  readonly icon?: string
  /** Absent: the button is disabled, and without an icon the label is plain text. */
  readonly run?: (() => void) | undefined
}

/** What each event carries. All of them bubble and cross shadow roots. */
export interface RwkvChatEventDetails {
  /** What the element is doing has changed. */
  statechange: { readonly state: ChatState; readonly previous: ChatState }
  /** A load has come further. */
  progress: LoadProgress
  /** A piece of the reply as it is made. */
  token: { readonly text: string }
  /** A message was sent, or a reply has ended (by itself, by its limit or by Stop): then with its summary. */
  message: ChatMessage & { readonly summary?: ReplySummary }
  /** The conversation went back to where so many messages had been said: for another reply, or by `rewind`. */
  rewind: { readonly messages: number }
  /** Something failed, and the reader was told `message`. */
  error: { readonly error: unknown; readonly code: ErrorCode | 'unknown'; readonly message: string }
  /** Before a message is sent. Cancelable; both may be replaced. */
  beforesend: { text: string; attachments: readonly Attachment[] }
}

/** The events by name. */
export type RwkvChatEventMap = {
  [Name in keyof RwkvChatEventDetails]: CustomEvent<RwkvChatEventDetails[Name]>
}

/**
 * `<rwkv-chat src="/models/storyteller/">`: a chat with an RWKV language model that runs in this page, on the GPU or without one.
 *
 * @slot poster - In place of the words before a load.
 * @slot header - In place of the model's name above the conversation.
 * @slot empty - In place of the words in an empty conversation.
 * @slot unsupported - In place of the words where no model can run.
 * @slot message-N - In place of the reader's message that is `messages[N]`, such as by a field that edits it.
 * @csspart header - The line above the conversation.
 * @csspart title - The model's name in it.
 * @csspart clear-button - Begins a new conversation.
 * @csspart poster - What stands there before a load.
 * @csspart load-button - Starts a load that waits for a click.
 * @csspart notice - A sentence to know, which can be put away.
 * @csspart dismiss-button - Puts it away.
 * @csspart fault - What failed.
 * @csspart retry-button - Tries again.
 * @csspart unsupported - What stands there where no model can run.
 * @csspart transcript - The conversation; it scrolls.
 * @csspart empty - What stands there before the first message.
 * @csspart message - Each message.
 * @csspart user-message - A message of the reader.
 * @csspart reply - A message of the model.
 * @csspart speaker - The model's name above its reply.
 * @csspart thoughts - What a reply thought in front of its text, folded.
 * @csspart text - The words of a message.
 * @csspart reading - How far a message is read, in place of the reply.
 * @csspart attachment - A text that is attached to a message, folded.
 * @csspart cost - Tokens and speed under a reply.
 * @csspart failure - Why a reply broke off.
 * @csspart latest-button - Goes to the end of the conversation.
 * @csspart loading - How far a load is.
 * @csspart progress - The bar of a load, or of a message that is read.
 * @csspart composer - Where messages are written.
 * @csspart hint - A sentence above the message box.
 * @csspart box - The frame around message box and button.
 * @csspart attachments - What is attached to the message that is written.
 * @csspart remove-button - Removes one of them.
 * @csspart attach-button - Chooses files to attach.
 * @csspart input - The message box.
 * @csspart send-button - Sends.
 * @csspart stop-button - Ends the reply.
 * @csspart actions - The row of buttons below a message.
 * @csspart action-button - Copy and Regenerate under a reply.
 * @csspart think - Where readers choose whether the model thinks, beside the message box.
 * @cssprop --rwkv-chat-background - Behind everything.
 * @cssprop --rwkv-chat-surface - Behind the message box and buttons.
 * @cssprop --rwkv-chat-line - Fine lines.
 * @cssprop --rwkv-chat-edge - Edges of the message box and buttons.
 * @cssprop --rwkv-chat-color - Text.
 * @cssprop --rwkv-chat-quiet-color - Text that matters less.
 * @cssprop --rwkv-chat-accent - Main buttons, focus, the model's name.
 * @cssprop --rwkv-chat-on-accent - Text on main buttons.
 * @cssprop --rwkv-chat-user-background - Behind the reader's messages.
 * @cssprop --rwkv-chat-reply-background - Behind replies.
 * @cssprop --rwkv-chat-notice-background - Behind notices.
 * @cssprop --rwkv-chat-fault-background - Behind faults.
 * @cssprop --rwkv-chat-radius - Of corners.
 * @cssprop --rwkv-chat-padding - Inside the element.
 * @cssprop --rwkv-chat-gap - Between a message and its reply.
 * @cssprop --rwkv-chat-turn-gap - Between a reply and the next message.
 * @cssprop --rwkv-chat-height - Of the element, 32rem by default.
 * @cssprop --rwkv-chat-font - Short form of the font.
 */
export interface RwkvChatElement extends HTMLElement {
  /**
   * URL of a model's folder (ending in `/`) or weights file. Another one starts a new conversation.
   * @attribute src
   */
  src: string | null
  /** In place of `src`: files that the reader chose, the weights and what belongs to them. Another list starts anew. */
  files: readonly File[] | undefined
  /**
   * How the weights are held, as `LoadOptions.weights`; null means as in the file. Another one
   * starts a new conversation.
   * @attribute weights
   */
  weights: NonNullable<LoadOptions['weights']> | null
  /**
   * What computes the model, as `LoadOptions.device`: `webgpu` or `wasm`; null means the better one of those that are here.
   * Another one starts a new conversation.
   * @attribute device
   */
  device: NonNullable<LoadOptions['device']> | null
  /** Load as `LoadOptions.safe` says, from the next load on. */
  safe: boolean
  /** Text the conversation begins with. Taken up by the next conversation. @attribute system */
  system: string | null
  /** How the conversation is written, in place of the model's own format; taken up by the next conversation. */
  promptFormat: PromptFormat | undefined
  /** Its tuned start state, as `SessionOptions.initialState`; taken up by the next conversation. */
  initialState: SessionOptions['initialState'] | undefined
  /**
   * Whether the model thinks before it answers, from the next reply on, if it was taught to; readers choose it beside the
   * message box. As an attribute: empty, `a bit` or `a lot`. Default: false.
   * @attribute think
   */
  think: Thinking
  /** What the message box says while it is empty. @attribute placeholder */
  placeholder: string | null
  /** When the model is loaded. Default: `lazy`. @attribute loading */
  loading: LoadingMode
  /** Keeps the conversation readable and takes no messages. @attribute disabled */
  disabled: boolean
  /** In a form, the name of its value. @attribute name */
  name: string
  /** `SamplingOptions.temperature` from the next reply on, in place of the model’s own. @attribute temperature */
  temperature: number | null
  /** `SamplingOptions.topP` from the next reply on, in place of the model’s own. @attribute top-p */
  topP: number | null
  /** `SamplingOptions.topK` from the next reply on, in place of the model’s own. @attribute top-k */
  topK: number | null
  /** `SamplingOptions.minP` from the next reply on, in place of the model’s own. @attribute min-p */
  minP: number | null
  /** `SamplingOptions.presencePenalty` from the next reply on, in place of the model’s own. @attribute presence-penalty */
  presencePenalty: number | null
  /** `SamplingOptions.frequencyPenalty` from the next reply on, in place of the model’s own. @attribute frequency-penalty */
  frequencyPenalty: number | null
  /** `SamplingOptions.penaltyDecay` from the next reply on, in place of the model’s own. @attribute penalty-decay */
  penaltyDecay: number | null
  /** `SamplingOptions.minTokens` from the next reply on, in place of the model’s own. @attribute min-tokens */
  minTokens: number | null
  /** `SamplingOptions.maxTokens` from the next reply on, in place of the model’s own. @attribute max-tokens */
  maxTokens: number | null
  /** `SamplingOptions.seed` from the next reply on, in place of the model’s own. @attribute seed */
  seed: number | null
  /** As those attributes, which come before it, and all other options too: such as `stop` and `logitBias`. */
  sampling: Partial<SamplingOptions> | undefined

  /** What the element is doing; also a state for CSS: `rwkv-chat:state(ready)`. */
  readonly state: ChatState
  /** The conversation's session while a model is loaded. It belongs to the element: do not dispose it. */
  readonly session: Session | undefined
  /** What has been said. */
  readonly messages: readonly ChatMessage[]
  /**
   * The loaded model, for sessions and questions of the page's own. Elements with the same `src` share it: do not dispose
   * it, and let go of it when the element's state leaves `ready`.
   */
  readonly model: Model | undefined
  /** What is loaded. */
  readonly info: ModelInfo | undefined
  /** Shows replies as plain text, not as Markdown. @attribute plain */
  plain: boolean
  /**
   * How the text of a reply becomes content, in place of Markdown; called again with all of the text each time it grows.
   * What it gives must be safe: what a model writes is not to be trusted.
   */
  renderReply: ((text: string) => Node) | undefined
  /**
   * Content in place of the code of a reply's Markdown, such as the same with colours, in a language as the reply names it;
   * undefined: the code as it is. It must be safe too.
   */
  highlightCode: ((code: string, language: string) => Node | undefined) | undefined
  /**
   * What the element shows and says, in place of its English: any of its texts, such as those of another language from
   * `rwkv.js/labels/de`. Give the element a `lang` that agrees.
   */
  labels: Partial<RwkvChatLabels> | undefined
  /** The page's own buttons below a message that has ended, by its place in `messages`; asked while all is at rest. */
  messageActions: ((place: number) => readonly MessageAction[]) | undefined
  /** What stands in the message box. */
  draft: string
  /** What is attached to it: text files that the reader chose or dropped there, and long pastes. */
  attachments: readonly Attachment[]
  /** What a form sends: the conversation as text, a paragraph a message. */
  readonly value: string
  /** The form it belongs to. */
  readonly form: HTMLFormElement | null

  /** Load the model now, whatever `loading` says. Resolves when one can write, or a fault is shown. */
  load(): Promise<void>
  /**
   * Send a message as if it had been written, once the model is loaded and earlier replies have ended. Does not itself
   * start a load that wants a click.
   * @param attachments texts that stand in front of it, each read once and shown folded
   * @returns the reply's summary; undefined if `beforesend` was cancelled, there is nothing to send, or it was cleared before
   * its turn.
   * @throws what the reply failed with.
   */
  send(text: string, attachments?: readonly Attachment[]): Promise<ReplySummary | undefined>
  /** Make the last reply anew. @returns as `send`; undefined too if there is no reply. @throws what the reply failed with. */
  regenerate(): Promise<ReplySummary | undefined>
  /**
   * Go on with the last reply, if it was cut by its limit or by `stop`. @returns and @throws as `regenerate`; the summary
   * is that of the whole reply.
   */
  resume(): Promise<ReplySummary | undefined>
  /**
   * Be again where the first `messages` messages had been said, at once where the session has a mark there; else they are
   * read again. Waits for the reply under way.
   * @throws RwkvError `session/disposed` if there is no session.
   */
  rewind(messages: number): Promise<void>
  /**
   * Add what was said elsewhere, such as in a fork of the session: read, not answered, after what was sent before;
   * `message` tells of each. If the conversation is replaced before its turn, nothing is added.
   * @throws RwkvError `session/disposed` if there is no session.
   */
  add(messages: readonly (ChatMessage & { readonly summary?: ReplySummary })[]): Promise<void>
  /** End the reply under way; what it said stays. */
  stop(): void
  /** Begin a new conversation. */
  clear(): Promise<void>
  /**
   * The whole conversation, to be continued by `restore` on any page with the same model. Waits for the reply under way.
   * @param options how many marks are kept, to which `rewind` goes at once; default 2, those of the last reply
   * @throws RwkvError `session/disposed` if there is no session to save.
   */
  save(options?: Omit<SaveOptions, 'notes'>): Promise<Uint8Array<ArrayBuffer>>
  /** The same with its states apart, for whoever saves again and again: see `Session.saveParts`. @throws as `save` */
  saveParts(options?: Omit<SavePartsOptions, 'notes'>): Promise<SavedParts>
  /**
   * Show and continue a saved conversation in place of this one. Before the model is loaded it is shown at once, and
   * continues when it is.
   * @param saved from `save` or `saveParts`; undefined: a conversation that begins with `later`
   * @param later what was said after it was saved, such as a reply that was cut off by a reload; read, not answered
   * @throws RwkvError `option/invalid` for other bytes; whatever `Model.restoreSession` throws. The conversation that was
   * there stays.
   */
  restore(
    saved: Uint8Array | ArrayBuffer | Blob | Pick<SavedParts, 'session' | 'states'> | undefined,
    later?: readonly ChatMessage[],
    options?: RestoreOptions,
  ): Promise<void>

  addEventListener<Name extends keyof RwkvChatEventMap>(
    type: Name,
    listener: (this: RwkvChatElement, event: RwkvChatEventMap[Name]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void
  removeEventListener<Name extends keyof RwkvChatEventMap>(
    type: Name,
    listener: (this: RwkvChatElement, event: RwkvChatEventMap[Name]) => unknown,
    options?: boolean | EventListenerOptions,
  ): void
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | EventListenerOptions,
  ): void
}

/** The class behind the tag. */
export interface RwkvChatConstructor {
  new (): RwkvChatElement
  readonly prototype: RwkvChatElement
  readonly formAssociated: true
  /** Where to start the worker from, for pages whose bundler cannot find it; set it before the first load. */
  workerUrl: string | URL | undefined
}

declare global {
  interface HTMLElementTagNameMap {
    'rwkv-chat': RwkvChatElement
  }
}
