/**
 * @file The conversation behind one element: what is shown, and the session that remembers it. Knows nothing of the DOM;
 * outlives its model, so that an element that was away goes on where it was.
 */

import { RwkvError } from '../core/errors.ts'
import type { Model, ReplySummary, SamplingOptions, Session } from '../core/protocol.ts'
import { createTurns } from '../core/turns.ts'
import { decodeChat, encodeChat } from './saved-chat.ts'
import type { ChatMessage } from './types.ts'

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
  /** Missing while it grows; `restored` has lost its summary. */
  readonly end?: { readonly summary: ReplySummary } | { readonly failure: unknown } | 'stopped' | 'restored'
}

/** What a conversation asks of its element. */
export interface ConversationOptions {
  /** Text that a new session begins with. */
  readonly system: () => string | undefined
  /** For the next reply. */
  readonly sampling: () => Partial<SamplingOptions>
  /** Something that is shown has changed. */
  readonly onChange: () => void
  readonly onToken: (text: string) => void
  readonly onMessage: (message: ChatMessage & { readonly summary?: ReplySummary }) => void
}

/** One conversation. */
export interface Conversation {
  readonly entries: readonly Entry[]
  readonly messages: readonly ChatMessage[]
  readonly session: Session | undefined
  readonly isReplying: boolean
  /** Open a session on `model`: where the last one was put away, or a new one. */
  attach(model: Model): Promise<void>
  /** Put the session away; its model may go. */
  detach(): Promise<void>
  /** The model has failed, and the session with it. */
  drop(): void
  /** Ask in turn; undefined if it was cleared meanwhile. @throws what the reply failed with. */
  send(text: string): Promise<ReplySummary | undefined>
  stop(): void
  clear(): Promise<void>
  save(): Promise<Uint8Array<ArrayBuffer>>
  restore(bytes: Uint8Array): Promise<void>
}

/** An empty conversation without a model. */
export function createConversation(options: ConversationOptions): Conversation {
  const { system, sampling, onChange, onToken, onMessage } = options
  const turns = createTurns()
  let entries: Entry[] = []
  let model: Model | undefined
  let session: Session | undefined
  let parked: Uint8Array | undefined
  let replying: AbortController | undefined
  let era = 0 // messages that wait for their turn belong to the conversation they were sent in

  const show = (next: Entry[]) => {
    entries = next
    onChange()
  }
  const showReply = (reply: ReplyEntry) => show([...entries.slice(0, -1), reply])

  /** What was put away is tried once: should it not fit, the next attempt begins anew. */
  function open(on: Model): Promise<Session> {
    const text = system()
    const from = parked
    parked = undefined
    return from ? on.restoreSession(from) : on.createSession(text === undefined ? {} : { system: text })
  }

  /** Let a session go, whatever state it is in. */
  const dispose = async (old: Session | undefined) => old?.dispose().catch(() => {})

  async function answer(text: string, on: Session, name: string): Promise<ReplySummary | undefined> {
    const begunIn = era
    const isOurs = () => era === begunIn
    const stop = new AbortController()
    replying = stop
    let reply: ReplyEntry = { kind: 'reply', name, text: '' }
    show([...entries, { kind: 'user', text }, reply])
    onMessage({ role: 'user', text })
    try {
      const made = on.prompt(text, { sampling: sampling(), signal: stop.signal })
      for await (const piece of untilAbort(made, stop.signal)) {
        if (!isOurs()) continue
        reply = { ...reply, text: reply.text + (reply.text === '' ? piece.trimStart() : piece) }
        showReply(reply)
        onToken(piece)
      }
      const summary = await made.summary
      if (!isOurs()) return undefined
      showReply({ ...reply, end: { summary } })
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

  return {
    get entries() {
      return entries
    },
    get messages() {
      return entries.flatMap(toMessage)
    },
    get session() {
      return session
    },
    get isReplying() {
      return replying !== undefined
    },
    attach: (to) =>
      turns(async () => {
        const forgot = parked === undefined && entries.length > 0
        session = await open(to)
        model = to
        show(forgot ? [...entries, { kind: 'divider' }] : entries)
      }),
    detach() {
      replying?.abort()
      model = undefined
      return turns(async () => {
        if (session && entries.length > 0) parked = await session.save().catch(() => undefined)
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
    send(text) {
      const sentIn = era
      return turns(async () => {
        if (era !== sentIn) return undefined
        if (!session || !model)
          throw new RwkvError('session/disposed', 'There is no model to answer yet. Load it, then send again.')
        return answer(text, session, model.info.name)
      })
    },
    stop: () => replying?.abort(),
    clear() {
      era++
      replying?.abort()
      parked = undefined
      show([])
      return turns(async () => {
        await dispose(session)
        session = undefined
        if (model) session = await open(model)
        onChange()
      })
    },
    save: () =>
      turns(async () => {
        if (!session || !model)
          throw new RwkvError('session/disposed', 'There is no session to save: the model is not loaded.')
        return encodeChat({
          model: model.info.name,
          messages: entries.flatMap(toMessage),
          session: await session.save(),
        })
      }),
    async restore(bytes) {
      const saved = decodeChat(bytes)
      const on = model
      const next = await on?.restoreSession(saved.session) // may refuse: then nothing has changed yet
      era++
      replying?.abort()
      show(saved.messages.map((message) => toEntry(message, saved.model)))
      await turns(async () => {
        const isCurrent = next !== undefined && model === on
        await dispose(isCurrent ? session : next)
        if (isCurrent) session = next
        else if (!model) parked = saved.session
        else {
          await dispose(session)
          session = await model.restoreSession(saved.session)
        }
        onChange()
      })
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

function toMessage(entry: Entry): ChatMessage[] {
  if (entry.kind === 'divider') return []
  return [{ role: entry.kind === 'user' ? 'user' : 'assistant', text: entry.text }]
}

function toEntry({ role, text }: ChatMessage, name: string): Entry {
  return role === 'user' ? { kind: 'user', text } : { kind: 'reply', name, text, end: 'restored' }
}
