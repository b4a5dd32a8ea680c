/**
 * @file The conversation behind one element: what is shown, and the session that remembers it. Knows nothing of the DOM;
 * outlives its model, so that an element that was away goes on where it was.
 */

import { isRwkvError, RwkvError } from '../core/errors.ts'
import type {
  Model,
  PromptFormat,
  PromptOptions,
  Reply,
  ReplySummary,
  SamplingOptions,
  SaveOptions,
  Session,
} from '../core/protocol.ts'
import { createTurns } from '../core/turns.ts'
import { decodeChat, encodeChat, type SavedMessage } from './saved-chat.ts'
import type { ChatMessage, ReplyCost, RestoreOptions } from './types.ts'

/** What stands in the transcript, in order. */
export type Entry =
  | { readonly kind: 'user'; readonly text: string }
  | ReplyEntry
  /** A sentence between messages. */
  | { readonly kind: 'divider' }

/** A reply: growing, then with its end. */
export interface ReplyEntry {
  readonly kind: 'reply'
  /** Name of the model. */
  readonly name: string
  readonly text: string
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
  /** For the next reply. */
  readonly sampling: () => Partial<SamplingOptions>
  /** Resolves when a model is there, or none will come by itself: until then messages wait. */
  readonly ready: () => Promise<void>
  /** Something that is shown has changed. */
  readonly onChange: () => void
  readonly onToken: (text: string) => void
  /** A reply begins: to a message that has just been sent, or once more. */
  readonly onReply: (asked: string | undefined) => void
  /** A reply has ended, or a message came from elsewhere. */
  readonly onMessage: (message: Said) => void
  /** The conversation went back to where so many messages had been said. */
  readonly onRewind: (messages: number) => void
}

/** One conversation. */
export interface Conversation {
  readonly entries: readonly Entry[]
  readonly messages: readonly ChatMessage[]
  readonly session: Session | undefined
  readonly model: Model | undefined
  readonly isReplying: boolean
  /** Open a session on `model`: where the last one was put away, or a new one. */
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
  send(text: string): Promise<ReplySummary | undefined>
  stop(): void
  clear(): Promise<void>
  save(options?: SaveOptions): Promise<Uint8Array<ArrayBuffer>>
  /** Go on from `bytes`, or from the beginning, after what was said `later`. */
  restore(
    saved: Uint8Array | ArrayBuffer | Blob | undefined,
    later?: readonly ChatMessage[],
    options?: RestoreOptions,
  ): Promise<void>
}

/** Where to go on once there is a model. */
interface Parked {
  /** From `Session.save()`. */
  readonly saved: Uint8Array | undefined
  /** Said after it. */
  readonly later: readonly ChatMessage[]
}

const MARKS = { marks: 2 } // those of the last message and its reply, which can then be made anew

/** An empty conversation without a model. */
export function createConversation(options: ConversationOptions): Conversation {
  const { system, promptFormat, sampling, ready, onChange, onToken, onReply, onMessage, onRewind } = options
  const turns = createTurns()
  const calls = createTurns() // on their way to their turns, in the order in which they were made
  let entries: Entry[] = []
  let model: Model | undefined
  let session: Session | undefined
  let parked: Parked | undefined
  let replying: AbortController | undefined
  let openings = 0 // calls of `restore` and `clear`: the last one counts
  let era = 0 // the call that opened the conversation which is here
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
    const isOurs = () => era <= askedIn
    const { turn } = await calls(async () => {
      await waitFor?.()
      await restored()
      return { turn: turns(async () => (isOurs() ? work(isOurs) : undefined)) }
    })
    return turn
  }

  /** What was put away is tried once: should it not fit, the next attempt begins anew. */
  function open(on: Model): Promise<Session> {
    const from = parked
    parked = undefined
    return openOn(on, from)
  }

  async function openOn(
    on: Model,
    { saved, later }: Parked = { saved: undefined, later: [] },
    { signal, onRead }: RestoreOptions = {},
  ): Promise<Session> {
    const [begin, format] = [system(), promptFormat()]
    const fresh = { ...(begin !== undefined && { system: begin }), ...(format && { promptFormat: format }) }
    const opened = saved ? await on.restoreSession(saved) : await on.createSession(fresh)
    try {
      signal?.throwIfAborted()
      for (const [place, { role, text }] of later.entries()) {
        await opened.append(role === 'user' ? text : ` ${text}`, { role, ...(signal && { signal }) })
        onRead?.(place + 1)
      }
      return opened
    } catch (error) {
      await dispose(opened)
      throw error
    }
  }

  /** Let a session go, whatever state it is in. */
  const dispose = async (old: Session | undefined) => old?.dispose().catch(() => {})

  /** @throws RwkvError `session/disposed` if there is none. */
  function needSession(forWhat: string): { readonly session: Session; readonly model: Model } {
    if (session && model) return { session, model }
    throw new RwkvError('session/disposed', `There is no session to ${forWhat}: the model is not loaded.`)
  }

  /**
   * Show a reply as it is made, after `before` in the transcript. `asked` is new; without it, it was asked before, and
   * `begun` is how the reply began.
   */
  async function answer(
    before: Entry[],
    name: string,
    ask: (options: PromptOptions) => Reply,
    { asked, begun = '' }: { asked?: string; begun?: string } = {},
  ): Promise<ReplySummary | undefined> {
    const begunIn = era
    const isOurs = () => era === begunIn
    const stop = new AbortController()
    replying = stop
    let reply: ReplyEntry = { kind: 'reply', name, text: begun }
    let said = ''
    show([...before, reply])
    onReply(asked)
    try {
      const made = ask({ sampling: sampling(), signal: stop.signal })
      for await (const piece of untilAbort(made, stop.signal)) {
        if (!isOurs()) continue
        said += said === '' ? piece.trimStart() : piece
        if (begun.startsWith(said)) continue // it is there already
        reply = { ...reply, text: said }
        showReply(reply)
        onToken(piece)
      }
      const summary = await made.summary
      if (!isOurs()) return undefined
      if (said !== '') reply = { ...reply, text: said } // without what was the beginning of a stop text
      showReply({ ...reply, end: { cost: costOf(summary) } })
      onMessage({ role: 'assistant', text: reply.text, summary })
      return summary
    } catch (failure) {
      if (!isOurs()) return undefined
      showReply({ ...reply, end: stop.signal.aborted ? 'stopped' : { failure } })
      if (stop.signal.aborted) return undefined // before it had begun
      throw failure
    } finally {
      replying = undefined
      onChange()
    }
  }

  /** Make the last reply anew, or (`isKept`) go on with it if it was cut, in its turn. */
  function again(isKept: boolean): Promise<ReplySummary | undefined> {
    return inTurn(async () => {
      const on = session
      const shown = entries.at(-1)
      if (!on || !model || shown?.kind !== 'reply' || (isKept && !isCut(shown))) return undefined
      const last = (await on.transcript()).at(-1)
      if (last?.role !== 'assistant') return undefined
      await on.rewind(last.before)
      const before = entries.slice(0, -1)
      if (!isKept) onRewind(before.flatMap(toMessage).length)
      const prefix = isKept ? last.ids : []
      const ask = (options: PromptOptions) => on.respond({ ...options, prefix })
      return answer(before, model.info.name, ask, isKept ? { begun: shown.text } : {})
    }, ready)
  }

  return {
    get entries() {
      return entries
    },
    get messages() {
      return entries.flatMap(toMessage).map(({ role, text }) => ({ role, text }))
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
        const forgot = parked === undefined && entries.length > 0
        session = await open(to)
        model = to
        const named = entries.map((entry) =>
          entry.kind === 'reply' ? { ...entry, name: entry.name || to.info.name } : entry,
        )
        show(forgot ? [...named, { kind: 'divider' }] : named)
      }),
    detach() {
      replying?.abort()
      model = undefined
      return turns(async () => {
        if (session && entries.length > 0) {
          const saved = await session.save(MARKS).catch(() => undefined)
          parked = saved && { saved, later: [] }
        }
        await dispose(session)
        session = undefined
        onChange()
      })
    },
    drop() {
      void dispose(session)
      session = undefined
      model = undefined
      onChange()
    },
    send: (text) =>
      inTurn(async () => {
        if (!session || !model)
          throw new RwkvError('session/disposed', 'There is no model to answer yet. Load it, then send again.')
        const on = session
        const before: Entry[] = [...entries, { kind: 'user', text }]
        return answer(before, model.info.name, (options) => on.prompt(text, options), { asked: text })
      }, ready),
    regenerate: () => again(false),
    resume: () => again(true),
    rewind: (place) =>
      inTurn(async (isOurs) => {
        const { session: on, model: speaker } = needSession('rewind')
        const said = entries.filter((entry) => entry.kind !== 'divider')
        const next = said[place]
        if (!next) return onRewind(said.length)
        const kept = entries.slice(0, entries.indexOf(next))
        // What stands in front of a divider the session does not know: the two are alike at their ends.
        const there = (await on.transcript()).at(place - said.length)
        const mark = there?.text.trim() === next.text.trim() ? there.before : undefined
        if (!mark || !(await on.rewind(mark).then(() => true, refuseUnlessUnknownMark))) {
          session = await openOn(speaker, { saved: undefined, later: kept.flatMap(toMessage) })
          await dispose(on)
        }
        if (!isOurs()) return
        show(kept)
        onRewind(place)
      }),
    add: (messages) =>
      inTurn(async (isOurs) => {
        const { session: on, model: speaker } = needSession('add to')
        for (const message of messages) {
          await on.append(message.text, { role: message.role })
          if (!isOurs()) return
          show([...entries, toEntry(toSaved(message), speaker.info.name)])
          onMessage(message)
        }
      }),
    stop: () => replying?.abort(),
    clear() {
      era = ++openings
      replying?.abort()
      parked = undefined
      show([])
      return turns(async () => {
        await dispose(session)
        session = undefined
        parked = undefined // what was being put away is cleared too
        if (model) session = await open(model)
        onChange()
      })
    },
    async save(options = MARKS) {
      await restored()
      return turns(async () => {
        const { session: on, model: speaker } = needSession('save')
        return encodeChat({
          model: speaker.info.name,
          messages: entries.flatMap(toMessage),
          session: await on.save(options),
        })
      })
    },
    restore(saved, later = [], options = {}) {
      const ended = begin(++openings).finally(() => restoring.delete(ended))
      restoring.add(ended)
      return ended

      async function begin(opening: number): Promise<void> {
        const bytes = saved instanceof Blob ? await saved.arrayBuffer() : saved
        const chat = bytes && decodeChat(bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes)
        const from: Parked = { saved: chat?.session, later }
        const on = model
        const next = on && (await openOn(on, from, options)) // may refuse: then nothing has changed yet
        if (era > opening) return dispose(next)
        era = opening
        replying?.abort()
        const name = chat?.model ?? on?.info.name ?? ''
        show([...(chat?.messages ?? []), ...later].map((message) => toEntry(message, name)))
        await turns(async () => {
          const isCurrent = next !== undefined && model === on
          await dispose(isCurrent ? session : next)
          if (isCurrent) session = next
          else if (!model) parked = from
          else {
            await dispose(session)
            session = await openOn(model, from)
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

/** A mark that the session has not is no failure. */
function refuseUnlessUnknownMark(error: unknown): false {
  if (!isRwkvError(error, 'session/unknown-mark')) throw error
  return false
}

/** Whether more of a reply may come: it was cut, or nobody knows. */
export function isCut({ text, end }: ReplyEntry): boolean {
  if (text === '' || end === undefined) return false
  return typeof end === 'string' || ('cost' in end && end.cost.finishReason !== 'stop')
}

function costOf({ ids, promptMs, tokensPerSecond, finishReason }: ReplySummary): ReplyCost {
  return { tokens: ids.length, promptMs, tokensPerSecond, finishReason }
}

function toSaved({ role, text, summary }: Said): SavedMessage {
  return { role, text, ...(summary && { cost: costOf(summary) }) }
}

function toMessage(entry: Entry): SavedMessage[] {
  if (entry.kind === 'divider') return []
  const { kind, text } = entry
  if (kind === 'user') return [{ role: 'user', text }]
  const cost = typeof entry.end === 'object' && 'cost' in entry.end ? { cost: entry.end.cost } : {}
  return [{ role: 'assistant', text, ...cost }]
}

function toEntry({ role, text, cost }: SavedMessage, name: string): Entry {
  return role === 'user' ? { kind: 'user', text } : { kind: 'reply', name, text, end: cost ? { cost } : 'restored' }
}
