/**
 * @file The custom element `<rwkv-chat>`: attributes in, events out. When a model is loaded is decided by `loader.ts`,
 * what is said is kept by `conversation.ts`, how it looks is in `view-….ts`; this class ties them to the DOM. It is longer
 * than other files because everything the browser or a page may call on an element must be a member of its class.
 */

import { html, LitElement, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from 'lit'
import { endsModel, isRwkvError } from '../core/errors.ts'
import type {
  LoadProgress,
  Model,
  ModelInfo,
  PromptFormat,
  ReplySummary,
  SamplingOptions,
  SavedParts,
  Session,
  Thinking,
} from '../core/protocol.ts'
import { readTextFile, withAttachments } from './attachments.ts'
import { type Asked, createConversation } from './conversation.ts'
import { createEvent, describeError } from './events.ts'
import { english } from './labels/labels.ts'
import { createLoader } from './loader.ts'
import { samplingAttributes, samplingOf } from './sampling.ts'
import { createSharedModels, type WantedModel } from './shared-models.ts'
import { adoptStyles, styles } from './styles.ts'
import { formatTranscript } from './text.ts'
import type {
  Attachment,
  ChatMessage,
  ChatState,
  LoadingMode,
  MessageAction,
  RwkvChatElement,
  RwkvChatEventDetails,
} from './types.ts'
import { composerView, grow } from './view-composer.ts'
import {
  faultView,
  headerView,
  loadButton,
  loadingView,
  noticeView,
  posterView,
  unsupportedView,
} from './view-stages.ts'
import { transcriptView } from './view-transcript.ts'

type FaultTitle = 'loadFailed' | 'replyFailed' | 'modelStopped'

const NEAR_END_PX = 40
const COPIED_MS = 2000 // so long a button says that it has copied
const OPENING: LoadProgress = {
  phase: 'open',
  file: '',
  loaded: 0,
  total: 0,
  bytesPerSecond: 0,
  etaMs: undefined,
  fromStore: false,
}

/** All elements of the page. What talks to the worker is fetched with the first model. */
const models = createSharedModels(async ({ source, ...wanted }, options) => {
  const { loadModel } = await import('../client/load-model.ts')
  return loadModel(source, {
    ...options,
    ...wanted,
    ...(RwkvChat.workerUrl !== undefined && { workerUrl: RwkvChat.workerUrl }),
  })
})

/** What another model is loaded by. */
const MODEL = ['src', 'files', 'weights', 'device']

/** What a conversation begins with. */
const FIRST = ['system', 'promptFormat', 'initialState']

const number = (attribute: string) => ({ attribute, type: Number })

const distanceToEnd = ({ scrollHeight, scrollTop, clientHeight }: HTMLElement) =>
  scrollHeight - scrollTop - clientHeight

/** See `RwkvChatElement`, which says what each member is for. */
export class RwkvChat extends LitElement implements Omit<RwkvChatElement, 'addEventListener' | 'removeEventListener'> {
  static readonly formAssociated = true
  static workerUrl: string | URL | undefined
  static override readonly styles = styles
  static override readonly properties: PropertyDeclarations = {
    src: {},
    weights: {},
    device: {},
    system: {},
    placeholder: {},
    loading: {},
    disabled: { type: Boolean },
    safe: { attribute: false },
    files: { attribute: false },
    plain: { type: Boolean },
    renderReply: { attribute: false },
    highlightCode: { attribute: false },
    labels: { attribute: false },
    messageActions: { attribute: false },
    sampling: { attribute: false },
    promptFormat: { attribute: false },
    initialState: { attribute: false },
    think: { converter: (think: string | null) => think !== null && (think || true) },
    ...Object.fromEntries(Object.entries(samplingAttributes).map(([name, attribute]) => [name, number(attribute)])),
  }

  declare src: string | null
  declare weights: RwkvChatElement['weights']
  declare device: RwkvChatElement['device']
  declare safe: boolean
  declare system: string | null
  declare placeholder: string | null
  declare loading: LoadingMode
  declare disabled: boolean
  declare files: readonly File[] | undefined
  declare plain: boolean
  declare renderReply: RwkvChatElement['renderReply']
  declare highlightCode: RwkvChatElement['highlightCode']
  declare labels: RwkvChatElement['labels']
  declare messageActions: ((place: number) => readonly MessageAction[]) | undefined
  declare sampling: Partial<SamplingOptions> | undefined
  declare promptFormat: PromptFormat | undefined
  declare initialState: RwkvChatElement['initialState']
  declare think: Thinking
  declare temperature: number | null
  declare topP: number | null
  declare topK: number | null
  declare minP: number | null
  declare presencePenalty: number | null
  declare frequencyPenalty: number | null
  declare penaltyDecay: number | null
  declare minTokens: number | null
  declare maxTokens: number | null
  declare seed: number | null

  readonly #internals = this.attachInternals()
  readonly #loader = createLoader({
    element: this,
    models,
    wish: () => ({
      wanted: this.#wanted,
      loading: this.loading === 'eager' || this.loading === 'interaction' ? this.loading : 'lazy',
    }),
    onState: () => this.#changed(),
    onProgress: (progress) => {
      this.#progress = progress
      this.requestUpdate()
      this.#dispatch('progress', progress)
    },
    onRecovery: ({ phase, sameIds }) => {
      this.#recovery = phase === 'waiting' ? 'recovering' : phase === 'back' && !sameIds ? 'moved' : undefined
      this.requestUpdate()
    },
    onModel: async (model) => {
      await this.#conversation.attach(model)
      this.#modelName = model.info.name
      this.#isSoftware = model.info.adapter.isFallback
    },
    onClose: () => this.#conversation.detach(),
    onFault: (error) => {
      if (this.#state === 'loading') this.#faultTitle = 'loadFailed'
      this.#conversation.drop()
      this.#report(error)
    },
  })
  readonly #conversation = createConversation({
    system: () => this.system ?? undefined,
    promptFormat: () => this.promptFormat,
    initialState: () => this.initialState,
    sampling: () => samplingOf(this),
    think: () => this.think,
    ready: () => this.#whenLoaded(),
    onChange: () => this.#changed(),
    onToken: (piece) => this.#dispatch('token', { text: piece }),
    onReply: (asked) => {
      this.#announcement = this.#labels.replyBegan(this.#nameOfModel)
      if (asked) this.#dispatch('message', { role: 'user', ...asked })
    },
    onMessage: (message) => {
      this.#hasReplied ||= message.role === 'assistant'
      if (message.role === 'assistant') this.#announcement = this.#labels.replySaid(this.#nameOfModel, message.text)
      this.#dispatch('message', message)
    },
    onRewind: (messages) => this.#dispatch('rewind', { messages }),
  })
  #state: ChatState = 'idle'
  #modelName: string | undefined
  #isSoftware = false
  #isNoticeDismissed = false
  #progress = OPENING
  /** What is to be said of a GPU that was lost. */
  #recovery: 'recovering' | 'moved' | undefined
  #fault: RwkvChatEventDetails['error'] | undefined
  #faultTitle: FaultTitle = 'loadFailed'
  #announcement = ''
  #copied: string | undefined
  #draft = ''
  #attachments: readonly Attachment[] = []
  #refused = '' // names of files that were no text
  #isQueued = false
  #hasReplied = false // since the model was loaded, or had to be
  #isAway = false
  #followedTo = 0
  #isDisabledByForm = false
  #wantsFocus = false
  #labels = english
  #isMarkdownWanted = false
  #markdown: ((said: string) => Node) | undefined

  constructor() {
    super()
    this.loading = 'lazy'
    this.disabled = false
    this.plain = false
    this.safe = false
    this.think = false
    this.#enter('idle')
    this.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && !event.isComposing && this.#conversation.isReplying) {
        event.preventDefault()
        this.stop()
      }
    })
  }

  // What scripts of the page use

  get state(): ChatState {
    return this.#state
  }

  get session(): Session | undefined {
    return this.#conversation.session
  }

  get model(): Model | undefined {
    return this.#conversation.model
  }

  get info(): ModelInfo | undefined {
    return this.model?.info
  }

  get messages(): readonly ChatMessage[] {
    return this.#conversation.messages
  }

  get draft(): string {
    return this.#draft
  }

  set draft(draft: string) {
    this.#draft = draft
    this.#isQueued = false
    this.requestUpdate()
  }

  get attachments(): readonly Attachment[] {
    return this.#attachments
  }

  set attachments(attachments: readonly Attachment[]) {
    this.#attachments = attachments
    this.#refused = ''
    this.#isQueued = false
    this.requestUpdate()
  }

  get value(): string {
    return formatTranscript(this.messages, this.#nameOfModel, this.#labels)
  }

  get form(): HTMLFormElement | null {
    return this.#internals.form
  }

  get name(): string {
    return this.getAttribute('name') ?? ''
  }

  set name(name: string) {
    this.setAttribute('name', name)
  }

  load(): Promise<void> {
    return this.#begin(() => {
      this.#fault = undefined
      this.#progress = OPENING
      this.#recovery = undefined
      return this.#loader.load()
    })
  }

  async send(message: string, attachments: readonly Attachment[] = []): Promise<ReplySummary | undefined> {
    const accepted = this.#accept(message, attachments)
    if (!accepted) return undefined
    return this.#begin(() => this.#showReply(() => this.#conversation.send(accepted.text, accepted.attachments)))
  }

  regenerate(): Promise<ReplySummary | undefined> {
    return this.#begin(() => this.#showReply(() => this.#conversation.regenerate()))
  }

  resume(): Promise<ReplySummary | undefined> {
    return this.#begin(() => this.#showReply(() => this.#conversation.resume()))
  }

  rewind(messages: number): Promise<void> {
    return this.#begin(() => this.#watch(this.#conversation.rewind(messages)))
  }

  add(messages: Parameters<RwkvChatElement['add']>[0]): Promise<void> {
    return this.#begin(() => this.#watch(this.#conversation.add(messages)))
  }

  stop(): void {
    this.#isQueued = false
    this.#conversation.stop()
  }

  clear(): Promise<void> {
    return this.#begin(() => this.#clear())
  }

  save(...options: Parameters<RwkvChatElement['save']>): Promise<Uint8Array<ArrayBuffer>> {
    return this.#begin(() => this.#watch(this.#conversation.save(...options)))
  }

  saveParts(...options: Parameters<RwkvChatElement['saveParts']>): Promise<SavedParts> {
    return this.#begin(() => this.#watch(this.#conversation.saveParts(...options)))
  }

  restore(...saved: Parameters<RwkvChatElement['restore']>): Promise<void> {
    return this.#begin(() => {
      this.#isQueued = false // it was meant for the conversation that was there
      return this.#watch(this.#conversation.restore(...saved))
    })
  }

  override focus(options?: FocusOptions): void {
    const target = this.#find('textarea') ?? this.#find('button.load') ?? this.#find('button')
    target?.focus(options)
  }

  // What the browser calls

  override connectedCallback(): void {
    super.connectedCallback()
    if (this.hasUpdated) this.#loader.connect()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#loader.disconnect()
  }

  /** Into another document, such as that of a frame. */
  adoptedCallback(): void {
    if (this.shadowRoot) adoptStyles(this.shadowRoot, this.ownerDocument)
  }

  protected override createRenderRoot(): HTMLElement | DocumentFragment {
    if (this.ownerDocument === document) return super.createRenderRoot()
    const root = this.attachShadow({ mode: 'open' })
    adoptStyles(root, this.ownerDocument)
    return root
  }

  formDisabledCallback(isDisabled: boolean): void {
    this.#isDisabledByForm = isDisabled
    this.requestUpdate()
  }

  formResetCallback(): void {
    void this.clear()
  }

  /** Whatever was set until now is what the element begins with. */
  protected override firstUpdated(): void {
    // After this update, for it changes what the next one shows.
    queueMicrotask(() => {
      if (this.isConnected) this.#loader.connect()
    })
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('labels')) this.#labels = { ...english, ...this.labels }
    if (changed.has('labels') || changed.has('highlightCode')) this.#isMarkdownWanted = false // with the new ones
    if (!this.hasUpdated) return
    const showsReplies = this.#state === 'loading' || this.messages.some(({ role }) => role === 'assistant')
    if (!this.plain && !this.renderReply && showsReplies) void this.#bringMarkdown()
    // A reader who has just scrolled up is not pulled back, even if the scroll event has yet to come.
    const log = this.#find('[role=log]')
    if (log && log.scrollTop < this.#followedTo && distanceToEnd(log) > NEAR_END_PX) this.#isAway = true
    if (MODEL.some((name) => changed.has(name))) {
      void this.#clear()
      this.#fault = undefined
      void this.#loader.restart()
    } else if (changed.has('loading') && (this.#state === 'idle' || this.#state === 'waiting')) {
      void this.#loader.restart()
    } else if (FIRST.some((name) => changed.has(name)) && this.messages.length === 0) void this.#clear()
  }

  protected override updated(): void {
    const box = this.#find('textarea')
    if (box) grow(box as HTMLTextAreaElement)
    if (this.#wantsFocus && box) {
      this.#wantsFocus = false
      box.focus()
    }
    const log = this.#find('[role=log]')
    if (log && !this.#isAway) {
      log.scrollTop = log.scrollHeight
      this.#followedTo = log.scrollTop
    }
  }

  protected override render(): TemplateResult {
    const state = this.#state
    const labels = this.#labels
    const { entries } = this.#conversation
    const isLost = this.#fault !== undefined && entries.length > 0 // what was said stays in sight
    if (state === 'unsupported' && !isLost)
      return unsupportedView({ labels, sentence: this.#fault?.message, onRetry: () => this.#loadByClick() })
    const isOff = state === 'idle' || state === 'waiting'
    const button =
      state === 'waiting' ? loadButton(labels, this.#loader.byteLength, () => this.#loadByClick()) : nothing
    const hasPoster = isOff && entries.length === 0
    return html`${headerView({
      labels,
      title: this.#modelName ?? labels.chat,
      canClear: entries.length > 0,
      onClear: () => void this.clear().then(() => this.focus()),
    })}
    ${this.#isSoftware && !this.#isNoticeDismissed ? noticeView(labels, labels.software, () => this.#dismissNotice()) : nothing}
    ${hasPoster ? posterView({ labels, hasSource: Boolean(this.src ?? this.files), load: button }) : this.#transcript()}
    ${
      this.#fault && (state === 'failed' || state === 'unsupported')
        ? faultView({
            labels,
            title: this.#labels[this.#faultTitle],
            fault: this.#fault,
            onRetry: () => this.#loadByClick(),
          })
        : nothing
    }
    ${state === 'loading' ? loadingView(labels, this.#progress) : nothing}
    ${isOff ? html`<div class="bar">${hasPoster ? nothing : button}</div>` : this.#composer()}
    <p class="hidden" role="status" aria-live="polite" aria-atomic="true">${this.#announcement}</p>`
  }

  #transcript(): TemplateResult {
    const isAtRest = this.#state === 'ready' && !this.#isInert
    return transcriptView({
      labels: this.#labels,
      entries: this.#conversation.entries,
      isReplying: this.#conversation.isReplying,
      isAway: this.#isAway,
      onScroll: ({ target }) => {
        const isAway = distanceToEnd(target as HTMLElement) > NEAR_END_PX
        if (isAway === this.#isAway) return
        this.#isAway = isAway
        this.requestUpdate()
      },
      onToLatest: () => {
        this.#follow()
        this.requestUpdate()
        this.focus()
      },
      renderReply: this.renderReply ?? (this.plain ? undefined : this.#markdown),
      onCopy: (said) => void this.#copy(said),
      copied: this.#copied,
      onRegenerate: isAtRest ? () => void this.regenerate().catch(() => {}) : undefined, // it is shown
      onResume: isAtRest ? () => void this.resume().catch(() => {}) : undefined,
      actionsOf: isAtRest ? this.messageActions : undefined,
    })
  }

  /** It is fetched with the model, so that a conversation needs no network. Until it is here, and where it cannot be had, replies are plain. */
  async #bringMarkdown(): Promise<void> {
    if (this.#isMarkdownWanted) return
    this.#isMarkdownWanted = true
    const markdown = await import('./markdown.ts').catch(() => undefined)
    if (!markdown) return
    this.#markdown = (said) =>
      markdown.renderMarkdown(said, { highlightCode: this.highlightCode, labels: this.#labels })
    this.requestUpdate()
  }

  async #copy(said: string): Promise<void> {
    await navigator.clipboard.writeText(said)
    this.#announcement = this.#labels.copied
    this.#copied = said
    this.requestUpdate()
    setTimeout(() => {
      this.#copied = undefined
      this.requestUpdate()
    }, COPIED_MS)
  }

  #composer(): TemplateResult {
    const isReplying = this.#state === 'replying'
    return composerView({
      labels: this.#labels,
      draft: this.#draft,
      placeholder: this.placeholder,
      disabled: this.#isInert,
      isReplying,
      canSend: this.#hasMessage && !['failed', 'unsupported'].includes(this.#state) && !this.#isInert,
      hint: this.#hint,
      attachments: this.#attachments,
      onAttach: (attachment) => {
        this.attachments = [...this.#attachments, attachment]
      },
      onFiles: (files) => void this.#attach(files),
      onRemove: (place) => {
        this.attachments = this.#attachments.toSpliced(place, 1)
        this.#wantsFocus = true
      },
      think: (this.promptFormat ?? this.info?.promptFormat)?.think && this.think,
      onThink: (think) => {
        this.think = think
      },
      onDraft: (draft) => {
        this.draft = draft
      },
      onSubmit: () => this.#submit(),
      onStop: () => {
        this.stop()
        this.#wantsFocus = true
      },
    })
  }

  /** A quiet line above the box. */
  get #hint(): string {
    const { notText, queuedForReply, queuedForModel } = this.#labels
    if (this.#refused !== '') return notText(this.#refused)
    if (this.#isQueued) return this.#state === 'replying' ? queuedForReply : queuedForModel
    return this.#recovery ? this.#labels[this.#recovery] : ''
  }

  // What readers do

  #loadByClick(): void {
    this.#wantsFocus = true
    void this.load()
  }

  #dismissNotice(): void {
    this.#isNoticeDismissed = true
    this.requestUpdate()
  }

  /** Send the draft now, or as soon as it can be. */
  #submit(): void {
    const isBusy = this.#state === 'loading' || this.#state === 'replying'
    this.#isQueued = isBusy && this.#hasMessage
    this.requestUpdate()
    if (this.#state !== 'ready') return
    const message = this.#accept(this.#draft, this.#attachments)
    if (!message) return
    this.#draft = ''
    this.#attachments = []
    if (!matchMedia('(pointer: coarse)').matches) this.#wantsFocus = true
    this.#showReply(() => this.#conversation.send(message.text, message.attachments)).catch(() => {}) // it is shown
  }

  /** The message as the page lets it go out; undefined if not at all. */
  #accept(text: string, attachments: readonly Attachment[]): Asked | undefined {
    if (text.trim() === '' && attachments.length === 0) return undefined
    const event = createEvent('beforesend', { text: text.trim(), attachments })
    this.dispatchEvent(event)
    const accepted = withAttachments(event.detail.text, event.detail.attachments)
    return event.defaultPrevented || accepted.text === '' ? undefined : accepted
  }

  async #attach(files: readonly File[]): Promise<void> {
    const read = await Promise.all(files.map(readTextFile))
    this.attachments = [...this.#attachments, ...read.filter((attachment) => attachment !== undefined)]
    this.#refused = files.flatMap(({ name }, place) => (read[place] ? [] : [name])).join(', ')
    this.#wantsFocus = true
  }

  async #showReply(reply: () => Promise<ReplySummary | undefined>): Promise<ReplySummary | undefined> {
    this.#follow()
    try {
      return await reply()
    } catch (error) {
      // A wrong option leaves the session as it was; after anything else it cannot be trusted.
      const isHarmless = isRwkvError(error) && /^(option|text)\//.test(error.code)
      if (isHarmless) this.#report(error)
      else this.#fail(error, 'replyFailed')
      throw error
    }
  }

  /** Whichever call meets the end of the model: show it, and offer a new start. */
  async #watch<T>(work: Promise<T>): Promise<T> {
    try {
      return await work
    } catch (error) {
      if (endsModel(error)) this.#fail(error, 'modelStopped')
      throw error
    }
  }

  #fail(error: unknown, title: FaultTitle): void {
    if (this.#loader.state !== 'ready') return
    this.#faultTitle = title
    this.#loader.fail(error)
    // Another worker may do better; not again and again, should it be what it is asked that ends it.
    if (isRwkvError(error, 'worker/gone') && this.#hasReplied) void this.load()
    this.#hasReplied = false
  }

  /** Begin what a script asks for, once what it has just set, such as another `src`, is taken up. */
  #begin<T>(call: () => Promise<T>): Promise<T> {
    return this.hasUpdated && this.isUpdatePending ? this.updateComplete.then(call) : call()
  }

  async #clear(): Promise<void> {
    this.#announcement = ''
    this.#isQueued = false // as in restore
    try {
      await this.#conversation.clear()
    } catch (error) {
      this.#fail(error, 'modelStopped')
    }
  }

  #whenLoaded(): Promise<void> {
    const isSettled = () => !['idle', 'waiting', 'loading'].includes(this.#state)
    if (isSettled()) return Promise.resolve()
    return new Promise((resolve) => {
      const look = () => {
        if (!isSettled()) return
        this.removeEventListener('statechange', look)
        resolve()
      }
      this.addEventListener('statechange', look)
    })
  }

  // What follows from it

  #dispatch<Name extends keyof RwkvChatEventDetails>(type: Name, detail: RwkvChatEventDetails[Name]): void {
    this.dispatchEvent(createEvent(type, detail))
  }

  #report(error: unknown): void {
    const { code, message } = describeError(error)
    this.#fault = { error, code, message: this.#labels.fault(code, message) }
    this.#dispatch('error', this.#fault)
  }

  /** Keep the end of the conversation in sight from now on. */
  #follow(): void {
    this.#isAway = false
    this.#followedTo = 0
  }

  /** Something that is shown may have changed. */
  #changed(): void {
    this.requestUpdate()
    this.#internals.setFormValue(this.value)
    const previous = this.#state
    const { state: loaded } = this.#loader
    const state = loaded === 'ready' && this.#conversation.isReplying ? 'replying' : loaded
    if (state === previous) return
    this.#enter(state)
    this.#dispatch('statechange', { state, previous })
    if (state === 'ready' && this.#isQueued) this.#submit()
  }

  #enter(state: ChatState): void {
    const states: CustomStateSet | undefined = this.#internals.states // missing where WebGPU is missing too
    states?.delete(this.#state)
    states?.add(state)
    this.#state = state
  }

  get #wanted(): WantedModel | undefined {
    const { src, baseURI } = this
    const source = this.files ?? (src && URL.canParse(src, baseURI) ? new URL(src, baseURI).href : src)
    if (!source) return undefined
    return { source, weights: this.weights || 'auto', device: this.device || 'auto', safe: this.safe }
  }

  get #hasMessage(): boolean {
    return this.#draft.trim() !== '' || this.#attachments.length > 0
  }

  get #isInert(): boolean {
    return this.disabled || this.#isDisabledByForm
  }

  get #nameOfModel(): string {
    return this.#modelName ?? this.#labels.model
  }

  #find(selector: string): HTMLElement | null {
    return this.renderRoot?.querySelector<HTMLElement>(selector) ?? null
  }
}
