/**
 * @file The conversation behind one element: what is shown, and the session that remembers it. Knows nothing of the DOM;
 * outlives its model, so that an element that was away, or whose GPU was lost, goes on where it was: before a session
 * is asked anything, it has read all that is shown. Long, since sending, stopping, restoring and clearing change the same
 * few variables.
 */

import { type ErrorCode, endsModel, isRwkvError, RwkvError } from '../core/errors.ts'
import { callback, checkOptions, signal, type Table } from '../core/kinds.ts'
import type {
  Model,
  PromptFormat,
  PromptOptions,
  PromptProgress,
  Reply,
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
import { createTurns } from '../core/turns.ts'
import { createReading, type Reading } from './reading.ts'
import { decodeChat, notesOf, type SavedMessage } from './saved-chat.ts'
import type { ChatMessage, ReplyCost, RestoreOptions, RwkvChatElement } from './types.ts'

/** What stands in the transcript, in order. */
export type Entry = ({ readonly kind: 'user' } & Asked) | ReplyEntry

/** What a reader sends: a message without its role. */
export type Asked = Pick<ChatMessage, 'text' | 'attachments'>

/** A reply: growing, then with its end. */
export interface ReplyEntry {
  readonly kind: 'reply'
  /** Name of the model. */
  readonly name: string
  readonly text: string
  /** If it was to think; their number is known when it has ended. */
  readonly thoughts?: Pick<Thoughts, 'text'> & Partial<Thoughts>
  /** While what it answers is read, if that takes more than a moment. */
  readonly reading?: Reading
  /** Missing while it grows; of `restored` the cost is not known. */
  readonly end?: { readonly cost: ReplyCost } | { readonly failure: unknown } | 'stopped' | 'restored'
}

/** A message with what its reply cost, if that is known. */
type Said = ChatMessage & { readonly summary?: ReplySummary }

/** What a conversation asks of its element. */
export interface ConversationOptions {
  /** Text that a new session begins with. */
  readonly system: () => string | undefined
  /** How a new session is written; undefined: as the model has it. */
  readonly promptFormat: () => PromptFormat | undefined
  /** The tuned start state of a new session; undefined: the model's own. */
  readonly initialState: () => SessionOptions['initialState']
  /** For the next reply. */
  readonly sampling: () => Partial<SamplingOptions>
  /** Whether it thinks first, if the model can. */
  readonly think: () => Thinking
  /** Resolves when a model is there, or none will come by itself: until then messages wait. */
  readonly ready: () => Promise<void>
  /** Something that is shown has changed. */
  readonly onChange: () => void
  readonly onToken: (text: string) => void
  /** A reply begins: to a message that has just been sent, or once more. */
  readonly onReply: (asked: Asked | undefined) => void
  /** A reply has ended, or a message came from elsewhere. */
  readonly onMessage: (message: Said) => void
  /** The conversation went back to where so many messages had been said. */
  readonly onRewind: (messages: number) => void
}

const restoreOptions: Table<RestoreOptions> = { signal, onRead: callback }

/** One conversation. */
export interface Conversation {
  readonly entries: readonly Entry[]
  readonly messages: readonly ChatMessage[]
  readonly session: Session | undefined
  readonly model: Model | undefined
  readonly isReplying: boolean
  /** Open a session on `model` that has read all that is shown: from where one was saved, or from the words. */
  attach(model: Model): Promise<void>
  /** Put the session away; its model may go. */
  detach(): Promise<void>
  /** The model has failed, and the session with it. */
  drop(): void
  /** Make the last reply anew, in its turn; undefined if there is none. @throws what the reply failed with. */
  regenerate(): Promise<ReplySummary | undefined>
  /** Go on with the last reply in its turn, if it was cut. @throws what the reply failed with. */
  resume(): Promise<ReplySummary | undefined>
  /** Be again where so many messages had been said. */
  rewind(messages: number): Promise<void>
  /** Add what was said elsewhere. */
  add(messages: readonly Said[]): Promise<void>
  /** Ask in turn; undefined if it was cleared meanwhile. @throws what the reply failed with. */
  send(text: string, attachments?: ChatMessage['attachments']): Promise<ReplySummary | undefined>
  stop(): void
  clear(): Promise<void>
  save(options?: Omit<SaveOptions, 'notes'>): Promise<Uint8Array<ArrayBuffer>>
  /** The same with its states apart. */
  saveParts(options?: Omit<SavePartsOptions, 'notes'>): Promise<SavedParts>
  /** Go on from what was saved, or from the beginning, after what was said `later`. */
  restore(
    saved: Parameters<RwkvChatElement['restore']>[0],
    later?: readonly ChatMessage[],
    options?: RestoreOptions,
  ): Promise<void>
}

/** What a session is restored from. */
type SavedSession = Uint8Array | Pick<SavedParts, 'session' | 'states'>

/** Where another session can go on. */
interface Checkpoint {
  /** From `Session.save()` or `saveParts()`. */
  readonly saved: SavedSession
  /** What it had read of what was shown. */
  readonly messages: readonly ChatMessage[]
}

const MARKS = { marks: 2 } // those of the last message and its reply, which can then be made anew

/** An empty conversation without a model. */
export function createConversation(options: ConversationOptions, now = () => performance.now()): Conversation {
  const {
    system,
    promptFormat,
    initialState,
    sampling,
    think,
    ready,
    onChange,
    onToken,
    onReply,
    onMessage,
    onRewind,
  } = options
  const turns = createTurns()
  const calls = createTurns() // on their way to their turns, in the order in which they were made
  let entries: Entry[] = []
  let model: Model | undefined
  let session: Session | undefined
  let known = 0 // messages that the session has read, of those shown, from the first one on
  let checkpoint: Checkpoint | undefined
  let replying: AbortController | undefined
  let openings = 0 // number of the latest `restore` or `clear`; the result of an earlier one is dropped
  let generation = 0 // the number of the call that opened this conversation; work queued for an earlier one does nothing
  const restoring = new Set<Promise<void>>()

  const show = (next: Entry[]) => {
    entries = next
    onChange()
  }
  const showReply = (reply: ReplyEntry) => show([...entries.slice(0, -1), reply])

  const restored = async () => {
    while (restoring.size > 0) await Promise.allSettled(restoring)
  }

  /**
   * Run `work` in its turn, after the restores that were asked for before it. Undefined if the conversation it was meant
   * for has been replaced by then; `isOurs` tells whether it still is there.
   */
  async function inTurn<T>(
    work: (isOurs: () => boolean) => Promise<T>,
    waitFor?: () => Promise<void>,
  ): Promise<T | undefined> {
    const askedIn = openings
    const isOurs = () => generation <= askedIn
    const { turn } = await calls(async () => {
      await waitFor?.()
      await restored()
      return { turn: turns(async () => (isOurs() ? work(isOurs) : undefined)) }
    })
    return turn
  }

  const shown = () => entries.map(toMessage)
  const thinking = (): Thinking => ((promptFormat() ?? model?.info.promptFormat)?.think ? think() : false)

  function create(on: Model): Promise<Session> {
    const [begin, format, start] = [system(), promptFormat(), initialState()]
    return on.createSession({
      ...(begin !== undefined && { system: begin }),
      ...(format && { promptFormat: format }),
      ...(start !== undefined && { initialState: start }),
    })
  }

  async function read(on: Session, messages: readonly ChatMessage[], { signal, onRead }: RestoreOptions = {}) {
    signal?.throwIfAborted()
    for (const [place, { role, text }] of messages.entries()) {
      await on.append(role === 'user' ? text : ` ${text}`, { role, ...(signal && { signal }) })
      onRead?.(place + 1)
    }
  }

  /** A session that goes on from `saved`, or from the beginning, and has read `later`. */
  async function open(
    on: Model,
    saved: SavedSession | undefined,
    later: readonly ChatMessage[],
    options?: RestoreOptions,
  ): Promise<Session> {
    const opened = saved ? await on.restoreSession(saved) : await create(on)
    return read(opened, later, options).then(
      () => opened,
      async (error: unknown) => {
        await dispose(opened)
        throw error
      },
    )
  }

  /** A session from the checkpoint, as far as that belongs to what is shown, or a new one; `known` says how far. */
  async function reopen(on: Model): Promise<Session> {
    const messages = shown()
    const { saved, messages: before } = checkpoint ?? { messages: [] }
    const opened = saved && (await on.restoreSession(saved).catch(refuseUnless('session/saved'))) // of other weights
    if (opened) {
      const parting = before.findIndex(({ text }, place) => text !== messages[place]?.text)
      const common = parting < 0 ? before.length : parting
      known = common
      if (await goBack(opened, before, common)) return opened
      await dispose(opened)
    }
    known = 0
    return create(on)
  }

  /** Let `on`, which has read `messages`, be where it had read the first `place`; false if it cannot. */
  async function goBack(on: Session, messages: readonly ChatMessage[], place: number): Promise<boolean> {
    const next = messages[place]
    if (!next) return true
    // A session may have read more in front of them: the two are alike at their ends.
    const there = (await on.transcript()).at(place - messages.length)
    if (there?.text.trim() !== next.text.trim()) return false
    return (await on.rewind(there.before).then(() => true, refuseUnless('session/unknown-mark'))) ?? false
  }

  /** Save what the session has read. */
  async function keep(on: Session, options: SaveOptions): Promise<Uint8Array<ArrayBuffer>> {
    const [keptIn, messages] = [generation, shown().slice(0, known)]
    const saved = await on.save(options)
    if (generation === keptIn) checkpoint = { saved, messages }
    return saved
  }

  /** The same with its states apart; of those that the caller knows, we have what came with the checkpoint before. */
  async function keepParts(on: Session, options: SavePartsOptions): Promise<SavedParts> {
    const [keptIn, messages, before] = [generation, shown().slice(0, known), checkpoint?.saved]
    const parts = await on.saveParts(options)
    const { session: saved, names, states } = parts
    const all = [...(before && 'states' in before ? before.states : []), ...states]
    const needed = new Map(all.filter(([name]) => names.includes(name)))
    if (generation === keptIn) checkpoint = { saved: { session: saved, states: needed }, messages }
    return parts
  }

  /**
   * What `write` makes of the session, and of what is shown as notes, in turn.
   * @throws RwkvError `session/disposed` if there is none, or another then.
   */
  async function saving<T>(write: (on: Session, notes: string) => Promise<T>): Promise<T> {
    const saved = await inTurn(async () => {
      const { session: on, model: speaker } = await needSession('save')
      return write(on, notesOf({ model: speaker.info.name, messages: shown() }))
    })
    if (saved !== undefined) return saved
    throw new RwkvError('session/disposed', 'The conversation to save has been replaced. Save the one that is shown.')
  }

  /** Let a session go, whatever state it is in. */
  const dispose = async (old: Session | undefined) => old?.dispose().catch(() => {})

  /**
   * The session once it has read what it does not know of what is shown, such as a message whose reply was refused.
   * @throws RwkvError `session/disposed` if there is none.
   */
  async function needSession(forWhat: string): Promise<{ readonly session: Session; readonly model: Model }> {
    const [on, speaker] = [session, model]
    if (!on || !speaker)
      throw new RwkvError('session/disposed', `There is no session to ${forWhat}: the model is not loaded.`)
    await read(on, shown().slice(known), { onRead: () => known++ })
    return { session: on, model: speaker }
  }

  /**
   * Show a reply as it is made, after `before` in the transcript. `asked` is new; without it, it was asked before, and
   * `begun` is how the reply began.
   */
  async function answer(
    before: Entry[],
    name: string,
    ask: (options: PromptOptions) => Reply,
    { asked, begun }: { asked?: Asked; begun?: ReplyEntry } = {},
  ): Promise<ReplySummary | undefined> {
    const begunIn = generation
    const isOurs = () => generation === begunIn
    const stop = new AbortController()
    replying = stop
    const { text: begunText = '', thoughts: begunThoughts } = begun ?? {}
    let reply: ReplyEntry = { kind: 'reply', name, text: begunText, ...(begunThoughts && { thoughts: begunThoughts }) }
    let said = ''
    let thoughts = ''
    const readingOf = createReading(now)
    const onRead = (progress: PromptProgress) => {
      const reading = readingOf(progress)
      if (isOurs() && reading) showReply({ ...reply, reading })
    }
    const onThoughts = (piece: string) => {
      thoughts += piece
      if (!isOurs() || begunThoughts?.text.startsWith(thoughts)) return
      reply = { ...reply, thoughts: { text: thoughts } }
      showReply(reply)
    }
    show([...before, reply])
    onReply(asked)
    try {
      const made = ask({ sampling: sampling(), think: thinking(), signal: stop.signal, onThoughts, onRead })
      for await (const piece of untilAbort(made, stop.signal)) {
        if (!isOurs()) continue
        said += said === '' ? piece.trimStart() : piece
        if (begunText.startsWith(said)) continue // it is there already
        reply = { ...reply, text: said }
        showReply(reply)
        onToken(piece)
      }
      const summary = await made.summary
      if (!isOurs()) return undefined
      if (said !== '') reply = { ...reply, text: said } // without what was the beginning of a stop text
      const thought = summary.thoughts && { thoughts: summary.thoughts }
      showReply({ ...reply, ...thought, end: { cost: costOf(summary) } })
      known = entries.length
      onMessage({ role: 'assistant', text: reply.text, ...thought, summary })
      return summary
    } catch (failure) {
      if (!isOurs()) return undefined
      const isStopped = stop.signal.aborted && !endsModel(failure) // before it had begun
      showReply({ ...reply, end: isStopped ? 'stopped' : { failure } })
      if (isStopped) return undefined
      throw failure
    } finally {
      replying = undefined
      onChange()
    }
  }

  /** Make the last reply anew, or (`isKept`) go on with it if it was cut, in its turn. */
  function again(isKept: boolean): Promise<ReplySummary | undefined> {
    return inTurn(async () => {
      const reply = entries.at(-1)
      if (!session || reply?.kind !== 'reply' || (isKept && !isCut(reply))) return undefined
      const { session: on, model: speaker } = await needSession('answer')
      const last = (await on.transcript()).at(-1)
      if (last?.role !== 'assistant') return undefined
      await on.rewind(last.before)
      const before = entries.slice(0, -1)
      known = before.length
      if (!isKept) onRewind(before.length)
      const begun = { prefix: last.ids, think: last.thoughts !== undefined }
      const ask = (options: PromptOptions) => on.respond({ ...options, ...(isKept && begun) })
      return answer(before, speaker.info.name, ask, isKept ? { begun: reply } : {})
    }, ready)
  }

  return {
    get entries() {
      return entries
    },
    get messages() {
      return shown().map(({ cost: _, ...message }) => message)
    },
    get session() {
      return session
    },
    get model() {
      return model
    },
    get isReplying() {
      return replying !== undefined
    },
    attach: (to) =>
      turns(async () => {
        session = await reopen(to)
        model = to
        show(entries.map((entry) => (entry.kind === 'reply' ? { ...entry, name: entry.name || to.info.name } : entry)))
        await needSession('go on')
      }),
    detach() {
      const begunIn = generation
      replying?.abort()
      model = undefined
      return turns(async () => {
        if (session && generation === begunIn && entries.length > 0) await keep(session, MARKS).catch(() => {}) // the words are here
        await dispose(session)
        session = undefined
        onChange()
      })
    },
    drop() {
      const lost = session
      session = undefined
      model = undefined
      // Asked at once: the model may still say which ids its states had seen, though the states are gone.
      const kept = lost && entries.length > 0 ? keep(lost, MARKS).catch(() => {}) : undefined // the words are here
      void turns(async () => {
        await kept
        await dispose(lost)
      })
      onChange()
    },
    send: (text, attachments) =>
      inTurn(async () => {
        const message: Asked = { text, ...(attachments && { attachments }) }
        const { session: on, model: speaker } = await needSession('answer')
        const before: Entry[] = [...entries, { kind: 'user', ...message }]
        return answer(before, speaker.info.name, (options) => on.prompt(text, options), { asked: message })
      }, ready),
    regenerate: () => again(false),
    resume: () => again(true),
    rewind: (place) =>
      inTurn(async (isOurs) => {
        const { session: on, model: speaker } = await needSession('rewind')
        const kept = entries.slice(0, Math.max(0, place))
        if (!(await goBack(on, shown(), kept.length))) {
          session = await open(speaker, undefined, kept.map(toMessage))
          await dispose(on)
        }
        known = kept.length
        if (!isOurs()) return
        show(kept)
        onRewind(known)
      }),
    add: (messages) =>
      inTurn(async (isOurs) => {
        const { session: on, model: speaker } = await needSession('add to')
        for (const message of messages) {
          await on.append(message.text, { role: message.role })
          if (!isOurs()) return
          known++
          show([...entries, toEntry(toSaved(message), speaker.info.name)])
          onMessage(message)
        }
      }),
    stop: () => replying?.abort(),
    clear() {
      generation = ++openings
      replying?.abort()
      checkpoint = undefined
      show([])
      return turns(async () => {
        await dispose(session)
        session = undefined
        known = 0
        if (model) session = await create(model)
        onChange()
      })
    },
    save: (options = MARKS) => saving((on, notes) => keep(on, { ...options, notes })),
    saveParts: (options = MARKS) => saving((on, notes) => keepParts(on, { ...options, notes })),
    restore(saved, later = [], given = {}) {
      const ended = begin(++openings).finally(() => restoring.delete(ended))
      restoring.add(ended)
      return ended

      async function begin(opening: number): Promise<void> {
        const options = checkOptions('restore', restoreOptions, given)
        const { session: file, states } = saved && 'states' in saved ? saved : { session: saved, states: undefined }
        const bytes = file instanceof Blob ? await file.arrayBuffer() : file
        const chat = bytes && decodeChat(bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes)
        const from = chat && (states ? { session: chat.session, states } : chat.session)
        const on = model
        const next = on && (await open(on, from, later, options)) // may refuse: then nothing has changed yet
        if (generation > opening) return dispose(next)
        generation = opening
        replying?.abort()
        checkpoint = chat && from && { saved: from, messages: chat.messages }
        const name = chat?.model ?? on?.info.name ?? ''
        const messages = [...(chat?.messages ?? []), ...later]
        show(messages.map((message) => toEntry(message, name)))
        await turns(async () => {
          const isCurrent = next !== undefined && model === on
          await dispose(isCurrent ? session : next)
          if (isCurrent) {
            session = next
            known = messages.length
          } else if (model) {
            await dispose(session)
            session = await reopen(model)
          }
          onChange()
        })
      }
    },
  }
}

/** The pieces of a reply; that it was stopped is for its summary to say. */
async function* untilAbort(pieces: AsyncIterable<string>, signal: AbortSignal): AsyncGenerator<string, void> {
  try {
    yield* pieces
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

/** Undefined for errors of one code, which are no failure here. */
const refuseUnless =
  (code: ErrorCode) =>
  (error: unknown): undefined => {
    if (!isRwkvError(error, code)) throw error
  }

/** Whether more of a reply may come: it was cut, or its end is not known. */
export function isCut({ text, thoughts, end }: ReplyEntry): boolean {
  if ((text === '' && !thoughts?.text) || end === undefined) return false
  return !(typeof end === 'object' && 'cost' in end && end.cost.finishReason === 'stop')
}

function costOf({ ids, promptMs, tokensPerSecond, finishReason }: ReplySummary): ReplyCost {
  return { tokens: ids.length, promptMs, tokensPerSecond, finishReason }
}

function toSaved({ summary, ...message }: Said): SavedMessage {
  return { ...message, ...(summary && { cost: costOf(summary) }) }
}

function toMessage(entry: Entry): SavedMessage {
  const { text } = entry
  if (entry.kind === 'user') return { role: 'user', text, ...(entry.attachments && { attachments: entry.attachments }) }
  const cost = typeof entry.end === 'object' && 'cost' in entry.end ? { cost: entry.end.cost } : {}
  const { text: thought, tokens = 0 } = entry.thoughts ?? {}
  return { role: 'assistant', text, ...(thought !== undefined && { thoughts: { text: thought, tokens } }), ...cost }
}

function toEntry({ role, text, attachments, thoughts, cost }: SavedMessage, name: string): Entry {
  if (role === 'user') return { kind: 'user', text, ...(attachments && { attachments }) }
  return { kind: 'reply', name, text, ...(thoughts && { thoughts }), end: cost ? { cost } : 'restored' }
}
