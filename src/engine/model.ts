/** @file A loaded model: the parts of the engine behind the public `Model` interface. */

import { isRwkvError, RwkvError } from '../core/errors.ts'
import { createFillIn } from '../core/fill-in.ts'
import { type GivenBytes, readGiven } from '../core/given-bytes.ts'
import { refusal } from '../core/kinds.ts'
import { createMany } from '../core/many.ts'
import type { Model, ModelInfo, PromptFormat, SavedParts } from '../core/protocol.ts'
import { randomSeed } from '../core/random.ts'
import { createFeeder } from '../feeder/feed.ts'
import type { Inspect } from '../forward/architecture.ts'
import type { Place } from '../forward/backend.ts'
import type { Forward } from '../forward/forward.ts'
import type { StatePool } from '../forward/state-pool.ts'
import type { ModelDescription } from '../model/description.ts'
import type { FoundTokenizer } from '../model/tokenizer.ts'
import { createConstraint } from '../sample/constraint.ts'
import { createCpuSampler } from '../sample/cpu-sampler.ts'
import { resolveSampling } from '../sample/options.ts'
import type { StateBudgets } from '../session/budgets.ts'
import { nothingSeen, nothingSeenFrom } from '../session/conversation.ts'
import { createGuides } from '../session/guides.ts'
import { createKeptStates, type KeptStates, type KeptStatesOptions } from '../session/kept-states.ts'
import { createPrefixes } from '../session/prefixes.ts'
import { restoreSession } from '../session/restore.ts'
import { readSession } from '../session/saved-session.ts'
import { createSession, firstIdsOf, openingOf, type SessionParts } from '../session/session.ts'
import { createStates } from '../session/state.ts'
import { decodeAll } from '../text/detokenizer.ts'
import { isPromptFormat, promptFormatKind } from '../text/prompt-format.ts'
import { conversationTokenizer } from '../text/special-tokens.ts'
import type { Tokenizer } from '../text/tokenizer.ts'
import { createEvaluator } from './evaluate.ts'
import { profileSteps } from './profile.ts'

/** What `createModel` takes. */
export interface ModelParts {
  readonly place: Pick<Place, 'counters' | 'canProfile' | 'check' | 'end'>
  readonly info: ModelInfo
  readonly description: Pick<ModelDescription, 'bosTokenId' | 'eosTokenId'>
  readonly pool: StatePool
  readonly forward: Forward
  readonly inspect: Inspect
  /** Reads a tuned start state, f32 (L, R, C). @throws RwkvError `session/initial-state`, `file/…` */
  readonly readStart: (file: string | URL | GivenBytes) => Promise<Float32Array<ArrayBuffer>>
  /** The tokenizer, or what to do about there being none. */
  readonly found: FoundTokenizer
  /** See `createKeptStates`. */
  readonly openTemporaryFile: KeptStatesOptions['openTemporaryFile']
  /** Bytes that its states may take. */
  readonly budgets: StateBudgets
  /** See `createFeeder`. */
  readonly mostRows?: number | undefined
  /** Release all that it holds. */
  readonly dispose: () => void
}

interface PartsOptions {
  readonly promptFormat: PromptFormat | undefined
  readonly isPlain: boolean
}

/** True for what `saveParts` gave. */
const isParts = (given: Parameters<Model['restoreSession']>[0]): given is Pick<SavedParts, 'session' | 'states'> =>
  typeof given === 'object' && given !== null && 'session' in given && given.states instanceof Map

/** The pool, in which copies that are kept make room for whoever needs a slot. */
function withRoom(pool: StatePool, keptStates: Pick<KeptStates, 'leaveSlot'>): StatePool {
  return {
    ...pool,
    async allocate(from) {
      for (;;) {
        try {
          return await pool.allocate(from)
        } catch (error) {
          if (!isRwkvError(error, 'session/state-budget') || !(await keptStates.leaveSlot())) throw error
        }
      }
    },
  }
}

/** The public face of a model. Disposing it releases all its GPU memory. */
export function createModel(parts: ModelParts): Model {
  const { place, info, description, forward, inspect, found, readStart, openTemporaryFile, budgets, mostRows } = parts
  const { tokenizer, missing } = found
  const { V } = info.config
  const now = () => performance.now()
  const feeder = createFeeder(forward, now, mostRows)

  const needTokenizer = (): Tokenizer => {
    place.check()
    if (!tokenizer) throw new RwkvError('text/vocabulary', missing)
    return tokenizer
  }
  const checkIds = (ids: readonly number[]) => {
    for (const id of ids) {
      if (!Number.isInteger(id) || id < 0 || id >= V) {
        throw new RwkvError(
          'text/unknown-id',
          `Token id ${String(id)} is not in this model's vocabulary: expected whole numbers from 0 to ${V - 1}.`,
        )
      }
    }
  }
  const { eosTokenId } = description
  /** Ids of the head that stand for no text must not be drawn. */
  const bannedIds = (known: Tokenizer) =>
    Array.from({ length: V }, (_, id) => id).filter((id) => id !== eosTokenId && !known.has(id))
  const keptStates = createKeptStates({ pool: parts.pool, openTemporaryFile, budgets })
  const pool = withRoom(parts.pool, keptStates)
  const states = createStates({ pool, feeder, forward, info, inspect, checkIds })
  const prefixes = createPrefixes(Math.floor(budgets.shared / pool.stateByteLength))
  const banned = tokenizer ? bannedIds(tokenizer) : []
  const sampler = createCpuSampler(V, banned)
  const guides = createGuides({ V, eosTokenId, tokenizer: needTokenizer })
  const sessionParts = ({ promptFormat = info.promptFormat, isPlain }: PartsOptions): SessionParts => ({
    info: { ...info, promptFormat },
    description,
    pool,
    places: forward.replies,
    keptStates,
    prefixes,
    inspect,
    feeder,
    tokenizer: isPlain ? needTokenizer() : conversationTokenizer(needTokenizer(), promptFormat),
    sampler,
    banned,
    checkIds,
    constrain: (sampling) => {
      const { has: isText, encode } = needTokenizer()
      return createConstraint({ V, isText, encode, eosTokenId }, sampling)
    },
    guide: guides,
    now,
    randomNumber: randomSeed,
  })

  const createOpened: Model['createSession'] = async (options = {}) => {
    const {
      system,
      promptFormat,
      sampling,
      shared = true,
      plain = false,
      think = false,
      keepThoughts = false,
      initialState,
    } = options
    if (promptFormat && !isPromptFormat(promptFormat)) throw refusal('promptFormat', promptFormat, promptFormatKind)
    const parts = sessionParts({ promptFormat, isPlain: plain })
    const resolved = resolveSampling(info.sampling, sampling)
    const start = initialState === undefined ? undefined : await readStart(initialState)
    return createSession(parts, {
      conversation: openingOf(parts, { system, plain, seen: start ? nothingSeenFrom(start) : nothingSeen }),
      ...(start && { state: await keptStates.hold(start) }),
      sampling: resolved,
      isShared: shared,
      isPlain: plain,
      think,
      keepsThoughts: keepThoughts,
    })
  }

  const evaluator = createEvaluator({ pool, feeder, tokenizer })
  /** Ids as they are; texts encoded. */
  const idsOf = (text: string | readonly number[]): readonly number[] => {
    place.check()
    if (typeof text === 'string') return needTokenizer().encode(text)
    checkIds(text)
    return text
  }
  const firstOf = (text: string | readonly number[]) => (typeof text === 'string' ? firstIdsOf(description) : [])

  return {
    info,
    async encode(text, { special = true } = {}) {
      return needTokenizer().encode(text, () => special)
    },
    async decode(ids) {
      checkIds(ids)
      return decodeAll(needTokenizer(), ids)
    },
    async createState({ initialState } = {}) {
      place.check()
      return states.create(initialState === undefined ? undefined : await readStart(initialState))
    },
    async feedBatch(batch, options) {
      place.check()
      await states.feedBatch(batch, options)
    },
    createSession: createOpened,
    ...createMany(createOpened),
    fillIn: createFillIn(info, createOpened),
    async restoreSession(given) {
      const { session, states } = isParts(given) ? given : { session: given }
      const saved = await readSession(await readGiven(session, 'What a session is restored from'), info, states)
      return restoreSession(sessionParts(saved), saved)
    },
    evaluate: async (text, options) => evaluator.evaluate([...firstOf(text), ...idsOf(text)], options),
    score: async (context, continuation, options) =>
      evaluator.score([...firstOf(context), ...idsOf(context)], idsOf(continuation), options),
    async profile({ tokens = 1 } = {}) {
      place.check()
      if (!place.canProfile) return undefined
      const sampling = { ...info.sampling, seed: 0 }
      return profileSteps({ forward, pool, V, now }, { tokens, sampling })
    },
    async counters() {
      return { ...place.counters, prefixHits: prefixes.hits }
    },
    async dispose() {
      const what = `The model ${info.name} has been disposed, or had to make room for another`
      place.end(new RwkvError('model/disposed', `${what}. Load it again to go on.`))
      parts.dispose()
      await keptStates.dispose()
    },
  }
}
