/**
 * @file A conversation: a slot of the pool, what was said, the ids the state has not seen yet, and marks to go back to.
 * Everything but the state is one immutable value, so that marking, rewinding and forking only copy a reference. Long,
 * since all that may be done with a conversation changes the same few variables.
 */

import { isAbort } from '../core/abort.ts'
import { RwkvError } from '../core/errors.ts'
import type {
  Mark,
  Message,
  ModelInfo,
  PromptFormat,
  PromptOptions,
  ReplySummary,
  SamplingOptions,
  SaveOptions,
  Session,
  Thinking,
} from '../core/protocol.ts'
import { createReply } from '../core/reply.ts'
import { createTurns } from '../core/turns.ts'
import type { Feeder } from '../feeder/feed.ts'
import type { Inspect } from '../forward/architecture.ts'
import type { Forward } from '../forward/forward.ts'
import type { StatePool } from '../forward/state-pool.ts'
import type { Guide } from '../grammar/guide.ts'
import type { ModelDescription } from '../model/description.ts'
import type { Constraint } from '../sample/constraint.ts'
import type { CpuSampler } from '../sample/cpu-sampler.ts'
import { resolveSampling } from '../sample/options.ts'
import { formatReply, formatSystem, hasParagraphs, leadsOn, plainFormat } from '../text/prompt-format.ts'
import { encodeMessage } from '../text/special-tokens.ts'
import { answerOf, beginningOf, createThoughtSplitter, hintOf } from '../text/thoughts.ts'
import type { Tokenizer } from '../text/tokenizer.ts'
import { searchReplies } from './beam.ts'
import {
  type Conversation,
  continues,
  firstSeen,
  markOf,
  messagesOf,
  type Seen,
  withMessage,
  withSeen,
} from './conversation.ts'
import { staysOnGpu } from './draw.ts'
import { type Generation, generate } from './generate.ts'
import type { KeptState, KeptStates } from './kept-states.ts'
import type { KnownReply, Prefixes } from './prefixes.ts'
import { createReader, type ReadProgress } from './read.ts'
import { allocateSpares, createRestorePoints } from './restore-points.ts'
import { createPartSaver, type Saving, saveWhole } from './save.ts'

/** What the sessions of a model share. */
export interface SessionParts {
  readonly info: ModelInfo
  readonly description: Pick<ModelDescription, 'bosTokenId' | 'eosTokenId'>
  readonly pool: StatePool
  /** Where replies have a place whose ids are drawn on the GPU. */
  readonly places: Forward['replies']
  readonly keptStates: KeptStates
  /** What the sessions of a model have read. */
  readonly prefixes: Prefixes
  readonly inspect: Inspect
  readonly feeder: Feeder
  readonly tokenizer: Tokenizer
  readonly sampler: CpuSampler
  /** Ids that stand for no text, the end of the text not counted: never drawn. */
  readonly banned: readonly number[]
  /** @throws RwkvError `text/unknown-id` */
  readonly checkIds: (ids: readonly number[]) => void
  /** @throws RwkvError `option/invalid` for options that do not fit the vocabulary. */
  readonly constrain: (sampling: SamplingOptions) => Constraint
  /** For one reply in a format, if there is one. @throws RwkvError `option/invalid` for a format that cannot be kept to. */
  readonly guide: (sampling: SamplingOptions, signal?: AbortSignal) => Promise<Guide | undefined>
  readonly now: () => number
  /** 0 … 2^53 - 1: for seeds, and for the ids of marks, so that ours never meet those that came in a file. */
  readonly randomNumber: () => number
}

/** Where a session begins. */
export interface SessionStart {
  readonly conversation: Conversation
  readonly sampling: SamplingOptions
  /** Whether it takes what others have read, and leaves them what it reads. */
  readonly isShared: boolean
  /** Whether it does without the model's prompt format. */
  readonly isPlain: boolean
  /** Whether replies begin with thoughts, unless they say it themselves. */
  readonly think: Thinking
  /** Whether the conversation goes on from a reply as it was said, with its thoughts. */
  readonly keepsThoughts: boolean
  /** Taken over. Absent: the initial state. */
  readonly state?: KeptState
  /** Taken over. */
  readonly marks?: ReadonlyMap<number, MarkedState>
}

/** Whom a reply speaks to. */
interface ReplyListener {
  readonly emit: (piece: string) => void
  readonly signal: AbortSignal
  readonly onToken: PromptOptions['onToken'] | undefined
  readonly onThoughts: PromptOptions['onThoughts'] | undefined
  readonly onRead: PromptOptions['onRead'] | undefined
  readonly prefix: readonly number[]
  readonly thinks: boolean
}

/** What decides about the texts that end a reply. */
interface AskedStops {
  readonly own: readonly string[] | undefined
  readonly guide: Guide | undefined
  readonly last: Pick<Message, 'role' | 'text'> | undefined
}

/** A moment that is kept. Automatic ones are forgotten when the conversation is rewound to before them. */
export interface MarkedState {
  readonly automatic: boolean
  readonly conversation: Conversation
  readonly state: KeptState
}

/** What is fed once before any text. */
export function firstIdsOf({ bosTokenId }: Pick<ModelDescription, 'bosTokenId'>): readonly number[] {
  return bosTokenId === undefined ? [] : [bosTokenId]
}

/** Where a new conversation begins: the model's first id, and the system text or the format's opener, not yet fed. */
export function openingOf(
  parts: SessionParts,
  { system, plain, seen }: { readonly system: string | undefined; readonly plain: boolean; readonly seen: Seen },
): Conversation {
  const { description, tokenizer } = parts
  const promptFormat = formatOf(parts, plain)
  const opener = system === undefined ? (promptFormat.opener ?? '') : formatSystem(promptFormat, system)
  const pending = [...firstIdsOf(description), ...tokenizer.encode(opener)]
  return { said: undefined, pending, seen, reused: 0, replies: 0 }
}

function formatOf({ info }: SessionParts, isPlain: boolean): PromptFormat {
  return isPlain ? plainFormat : info.promptFormat
}

const nothingToAnswer = () =>
  new RwkvError(
    'session/nothing-to-answer',
    'There is nothing to respond to. Append text, or rewind to the mark before a reply, or use prompt().',
  )

/** A slot that holds where `start` begins. If there can be none, what was to be taken over is released. */
async function slotFor(
  { pool, constrain, guide }: SessionParts,
  { sampling, state, marks }: SessionStart,
): Promise<number> {
  let slot: number | undefined
  try {
    constrain(sampling) // refused here rather than with the first prompt
    await guide(sampling)
    slot = await pool.allocate()
    state?.restore(slot)
    return slot
  } catch (error) {
    if (slot !== undefined) pool.release(slot)
    for (const mark of marks?.values() ?? []) mark.state.release()
    throw error
  } finally {
    state?.release()
  }
}

/** A session in a slot of its own. The caller disposes it. */
export async function createSession(parts: SessionParts, start: SessionStart): Promise<Session> {
  const { info, description, pool, keptStates, feeder, tokenizer, sampler, constrain, now, randomNumber } = parts
  const { sampling, isShared, isPlain, keepsThoughts } = start
  const promptFormat = formatOf(parts, isPlain)
  const { think } = promptFormat
  /** As it is asked for, else as the session has it. */
  const thinkingOf = (asked: Thinking | undefined = start.think): Thinking => {
    if (!asked || think) return asked
    throw new RwkvError(
      'option/invalid',
      `think is ${JSON.stringify(asked)}, and ${info.name} was not taught to think: its prompt format says nothing of it. Leave it out, or take a model whose name says G1 or later.`,
    )
  }
  thinkingOf()
  const prefixes = isShared ? parts.prefixes : undefined
  const replies = isPlain ? undefined : prefixes // a plain session writes no end of a turn, by which replies are looked up
  const slot = await slotFor(parts, start)
  const saver = createPartSaver()
  const reader = createReader({ slot, feeder, keptStates, prefixes })
  const marks = new Map(start.marks)
  const turns = createTurns()
  const disposal = new AbortController()
  let conversation = start.conversation
  let made: number[] = [] // marks of the change under way
  let unrestored: KeptState | undefined // the state before a call that failed, while the slot holds another

  const checkAlive = () => {
    if (disposal.signal.aborted)
      throw new RwkvError(
        'session/disposed',
        'This session has been disposed. Create another with model.createSession().',
      )
  }
  const putBack = () => {
    unrestored?.restore(slot)
    unrestored?.release()
    unrestored = undefined
  }
  const inTurn = <T>(work: () => Promise<T>): Promise<T> =>
    turns(() => {
      checkAlive()
      return work()
    })
  const withState = <T>(work: () => Promise<T>): Promise<T> =>
    inTurn(() => {
      putBack()
      return work()
    })

  /** What a reply is known by: what closes it went through the model with it. */
  const nameOf = (reply: string) => `${promptFormat.end}\0${keepsThoughts}\0${reply.trim()}`

  /** Keep the conversation as it is now. */
  async function keep(automatic: boolean): Promise<Mark> {
    const moment = conversation
    const id = randomNumber()
    marks.set(id, { automatic, conversation: moment, state: await keptStates.keep(slot) })
    made.push(id)
    return markOf(id, moment)
  }

  function find({ id }: Mark): MarkedState {
    const found = marks.get(id)
    if (found) return found
    throw new RwkvError(
      'session/unknown-mark',
      `This session has no mark ${id}. It has ${marks.size}; marks in front of messages go when the session is rewound to before them.`,
    )
  }

  function forget(id: number, { state }: MarkedState): void {
    state.release()
    marks.delete(id)
  }

  function goBack({ conversation: moment, state }: MarkedState): void {
    state.restore(slot)
    conversation = moment
    const isBefore = continues(moment)
    for (const [id, mark] of marks) if (mark.automatic && !isBefore(mark.conversation)) forget(id, mark)
  }

  /** Run `work`, which gets a mark of the moment before it. If it fails, all is as it was before. */
  async function change<T>(work: (before: Mark) => Promise<T>): Promise<T> {
    const begun = conversation
    made = []
    const before = await keep(true)
    const { state } = find(before)
    try {
      return await work(before)
    } catch (error) {
      conversation = begun
      unrestored = state.share()
      for (const id of made) forget(id, find({ id } as Mark))
      try {
        putBack()
      } catch {} // the next call tries again
      throw error
    }
  }

  /**
   * Feed what is pending but its last id, which is fed by the call that wants the logits after it. An abort leaves more
   * pending.
   * @param opening how much of it was pending before what is read now was said
   * @returns how many ids had to be fed
   */
  async function readPending(
    opening: number,
    signal: AbortSignal | undefined,
    onProgress?: PromptOptions['onRead'],
  ): Promise<number> {
    const unread = conversation
    let all = 0
    const onRead = ({ inState, fed }: ReadProgress) => {
      conversation = withSeen(unread, inState, inState - fed)
      all = fed
      if (onProgress) queueMicrotask(() => onProgress({ read: inState, total: unread.pending.length }))
    }
    try {
      await reader.read(unread.seen, unread.pending.slice(0, -1), { signal, opening, onRead })
    } catch (error) {
      if (!isAbort(error, signal)) throw error
    }
    return all
  }

  /** Take `message`, if any, and make a reply to what is pending. */
  async function reply(
    message: Omit<Message, 'before'> | undefined,
    own: SamplingOptions,
    { emit, signal, prefix, thinks, onToken, onThoughts, onRead }: ReplyListener,
  ): Promise<ReplySummary> {
    const begun = conversation
    if (begun.pending.length + (message?.ids.length ?? 0) === 0) throw nothingToAnswer()
    const guide = await parts.guide(own, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error
      return undefined // as an abort while the prompt is read, which comes next
    })
    return change(async (before) => {
      const start = now()
      const ended = AbortSignal.any([signal, disposal.signal])
      if (message) conversation = withMessage(begun, { ...message, before }, message.ids)
      const contextTokens = conversation.seen.length + conversation.pending.length
      const beginning =
        think && leadsOn(promptFormat, conversation.said?.message)
          ? { ...beginningOf(think, thinks, guide !== undefined), close: think.close, stop: promptFormat.stop }
          : undefined
      const fed = await readPending(begun.pending.length, ended, onRead)
      const promptMs = now() - start
      const asked = conversation
      const answered = asked === begun ? before : await keep(true)
      const { state } = find(answered)
      await reader.share(asked.seen, state)

      const rules = {
        sampling: { ...own, seed: own.seed ?? randomNumber() },
        constraint: { ...constrain(own), ...(guide && { guide }) },
        banned: parts.banned,
        stream: asked.replies,
      }
      const spares = await allocateSpares(pool)
      // A prefix counts for penalties, and the GPU counts only what it has drawn.
      const place = staysOnGpu(own) && prefix.length === 0 ? parts.places.begin(rules) : undefined
      try {
        const restore = {
          restoreSlot: (from: number) => pool.copy(from, slot),
          restoreStart: () => state.restore(slot),
        }
        const { summary, kept, all, inState } = await generate({
          ...rules,
          feeder,
          tokenizer,
          sampler,
          slot,
          place,
          promptIds: asked.pending,
          prefix,
          points: createRestorePoints(spares, restore),
          beginning,
          ...stopsOf({ own: own.stop, guide, last: asked.said?.message }),
          hasParagraphs: hasParagraphs(promptFormat),
          end: promptFormat.end,
          eosTokenId: description.eosTokenId,
          emit,
          onThoughts: (piece) => queueMicrotask(() => onThoughts?.(piece)),
          onToken: (token) => queueMicrotask(() => onToken?.(token)), // what it throws is not the reply's
          signal: ended,
          now,
        })
        checkAlive()
        const { text, ids, thoughts } = summary
        const message: Message = { role: 'assistant', text, ids, ...(thoughts && { thoughts }), before: answered }
        const replied = { ...withMessage(asked, message), replies: asked.replies + 1 }
        if (beginning && !keepsThoughts) {
          const answer = answerOf(kept, tokenizer, createThoughtSplitter(beginning, beginning.at))
          const known = { ids: answer.ids, all: [...answer.ids, ...tokenizer.encode(answer.rest + promptFormat.end)] }
          state.restore(slot)
          conversation = { ...replied, pending: [...asked.pending, ...known.all] }
          replies?.addReply(nameOf(text), known)
          await readPending(0, ended)
          if (!ended.aborted) await reader.share(conversation.seen)
        } else {
          conversation = withSeen({ ...replied, pending: all }, inState)
          if (inState === all.length) {
            replies?.addReply(nameOf(text), { ids, all: all.slice(asked.pending.length) })
            await reader.share(conversation.seen)
          }
        }
        return {
          ...summary,
          promptTokens: fed + summary.promptTokens,
          promptMs: promptMs + summary.promptMs,
          contextTokens,
          reusedTokens: asked.reused,
        }
      } finally {
        if (place !== undefined) parts.places.end(place)
        spares.forEach(pool.release)
      }
    })
  }

  /** The texts that end a reply to `last`, the caller's `own` among them; a format has an end of its own. */
  function stopsOf({ own = [], guide, last }: AskedStops): Pick<Generation, 'stop' | 'stopBehindSpace'> {
    const stop = guide ? [] : promptFormat.stop
    return leadsOn(promptFormat, last)
      ? { stop, stopBehindSpace: own }
      : { stop: [...stop, ...own], stopBehindSpace: [] }
  }

  /** A message as ids, and all that it puts into the state. */
  function encodeAs(role: Message['role'], text: string, thinking: Thinking = false): KnownReply {
    if (role !== 'assistant') {
      const isMessage = role === 'user' && !isPlain
      const hint = hintOf(think, thinking)
      const ids = isMessage ? encodeMessage(tokenizer, promptFormat, text, hint) : tokenizer.encode(text)
      return { ids, all: ids }
    }
    const known = replies?.findReply(nameOf(text))
    if (known) return known
    const ids = tokenizer.encode(formatReply(promptFormat, text))
    return { ids, all: [...ids, ...tokenizer.encode(promptFormat.end)] }
  }

  /** A reply in its turn; options are judged at once. */
  const replyInTurn = (
    message: (thinking: Thinking) => Omit<Message, 'before'> | undefined,
    { sampling: own, think: asked, signal, onToken, onThoughts, onRead, prefix = [] }: PromptOptions,
  ) =>
    createReply((emit, ended) => {
      const resolved = resolveSampling(sampling, own)
      constrain(resolved)
      parts.checkIds(prefix)
      const thinking = thinkingOf(asked)
      const listener = { emit, signal: ended, onToken, onThoughts, onRead, prefix, thinks: thinking !== false }
      return withState(() => reply(message(thinking), resolved, listener))
    }, signal)

  /** What is saved. */
  function saving({ marks: most = Infinity }: SaveOptions): Saving {
    const latest = [...marks].slice(Math.max(0, marks.size - most))
    const readNow = async () => {
      putBack()
      return pool.read(slot)
    }
    const states = new Map([[conversation.seen, readNow]])
    for (const [, mark] of latest) states.set(mark.conversation.seen, mark.state.read)
    const first = firstSeen(conversation.seen)
    const { start: rows } = first
    if (rows) states.set(first, async () => rows)
    const saved = latest.map(([id, mark]) => ({ id, automatic: mark.automatic, conversation: mark.conversation }))
    const settings = { sampling, isPlain, think: start.think, keepsThoughts }
    return { session: { conversation, ...settings, marks: saved }, states, info }
  }

  /** Another session that begins with `state`, which it takes over, and with the marks of this one. */
  const sibling = (state: KeptState, moment: Conversation) =>
    createSession(parts, {
      ...start,
      conversation: moment,
      state,
      marks: new Map(Array.from(marks, ([id, mark]) => [id, { ...mark, state: mark.state.share() }])),
    })

  return {
    prompt: (text, options = {}) =>
      replyInTurn((thinking) => ({ role: 'user', text, ids: encodeAs('user', text, thinking).ids }), options),
    respond: (options = {}) => replyInTurn(() => undefined, options),
    append: (text, { role = 'text', think: asked, signal } = {}) =>
      withState(async () => {
        signal?.throwIfAborted()
        const { ids, all } = encodeAs(role, text, thinkingOf(asked))
        if (all.length === 0) return
        await change(async (before) => {
          const opening = conversation.pending.length
          conversation = withMessage(conversation, { role, text, ids, before }, all)
          if (role === 'assistant') return // fed with the next message: cached states are keyed by reply and end of turn together
          await readPending(opening, signal)
          signal?.throwIfAborted()
          await reader.share(conversation.seen)
        })
      }),
    beamSearch: (text, { stop = [], ...options }) =>
      withState(async () => {
        const message = text === undefined ? [] : encodeAs('user', text).ids
        const last = text === undefined ? conversation.said?.message : ({ role: 'user', text } as const)
        const guide = await parts.guide(sampling, options.signal)
        const opening = think && leadsOn(promptFormat, last) ? beginningOf(think, false, true).text : '' // answers are compared
        const ids = [...conversation.pending, ...message, ...tokenizer.encode(opening)]
        if (ids.length === 0) throw nothingToAnswer()
        return searchReplies(parts, {
          ...options,
          ...stopsOf({ own: [...(sampling.stop ?? []), ...stop], guide, last }),
          constraint: { ...constrain(sampling), ...(guide && { guide }) },
          minTokens: sampling.minTokens,
          slot,
          ids,
          eosTokenId: description.eosTokenId,
        })
      }),
    inspect: (options) =>
      withState(async () => {
        const rows = await pool.read(slot)
        if (!options) return parts.inspect(rows)
        const { conversation: moment, state } = find(options.since)
        if (!continues(conversation)(moment))
          throw new RwkvError(
            'option/invalid',
            'What was said at this mark has been taken back since; take an earlier one.',
          )
        const tokens = conversation.seen.length - moment.seen.length
        return parts.inspect(rows, { rows: await state.read(), tokens })
      }),
    async read() {
      checkAlive()
      putBack()
      return pool.read(slot)
    },
    transcript: () => inTurn(async () => messagesOf(conversation)),
    mark: () => withState(() => keep(false)),
    rewind: (mark) => withState(async () => goBack(find(mark))),
    branch: (mark) =>
      withState(async () => {
        const { state, conversation: moment } = find(mark)
        return sibling(state.share(), moment)
      }),
    fork: () => withState(async () => sibling(await keptStates.keep(slot), conversation)),
    save: (options = {}) => inTurn(() => saveWhole(saving(options), options)),
    saveParts: (options = {}) => inTurn(() => saver.saveParts(saving(options), options)),
    async dispose() {
      if (disposal.signal.aborted) return
      disposal.abort(new RwkvError('session/disposed', 'This session has been disposed.'))
      await turns(async () => {
        for (const { state } of marks.values()) state.release()
        marks.clear()
        unrestored?.release()
        pool.release(slot)
      })
    },
  }
}
