/** @file A conversation: a slot of the pool, the ids it has not seen yet, and replies one after the other. */

import { RwkvError } from '../core/errors.ts'
import type { ModelInfo, PromptOptions, Session, SessionOptions } from '../core/protocol.ts'
import { createReply } from '../core/reply.ts'
import { createTurns } from '../core/turns.ts'
import type { StatePool } from '../forward/state-pool.ts'
import type { ModelDescription } from '../model/description.ts'
import type { CpuSampler } from '../sample/cpu-sampler.ts'
import { resolveSampling } from '../sample/options.ts'
import { formatUser, normalizeMessage } from '../text/prompt-format.ts'
import type { Tokenizer } from '../text/tokenizer.ts'
import type { Feeder } from './feed.ts'
import { generate } from './generate.ts'

/** What `createSession` takes from its model. */
export interface SessionParts {
  readonly info: ModelInfo
  readonly description: Pick<ModelDescription, 'bosTokenId' | 'eosTokenId'>
  readonly pool: StatePool
  readonly feeder: Feeder
  readonly tokenizer: Tokenizer
  readonly sampler: CpuSampler
  readonly now: () => number
  readonly randomSeed: () => number
}

/** A session at the start of its text: nothing is fed until the first prompt. The caller disposes it. */
export async function createSession(
  parts: SessionParts,
  options: SessionOptions = {},
  saved?: Uint8Array,
): Promise<Session> {
  const { info, description, pool, feeder, tokenizer, sampler, now, randomSeed } = parts
  const { promptFormat } = info
  const defaults = resolveSampling(info.sampling, options.sampling)
  const slot = await pool.allocate()
  const turns = createTurns()
  const disposal = new AbortController()
  let pending = openingIds()
  let keptSlot: number | undefined
  let replies = 0
  if (saved) {
    // STUB: u32 count of pending ids, u32 replies, the ids, the state.
    const words = new Uint32Array(saved.slice().buffer)
    const [count = 0, before = 0] = words
    pending = [...words.subarray(2, 2 + count)]
    replies = before
    pool.write(slot, new Float32Array(words.slice(2 + count).buffer))
  }

  /** The ids every conversation begins with: the model's first id, and the system text or the format's opener. */
  function openingIds(): number[] {
    const { system } = options
    const opener = system === undefined ? (promptFormat.opener ?? '') : normalizeMessage(system) + promptFormat.end
    const bos = description.bosTokenId === undefined ? [] : [description.bosTokenId]
    return [...bos, ...tokenizer.encode(opener)]
  }

  const checkAlive = () => {
    if (disposal.signal.aborted)
      throw new RwkvError(
        'session/disposed',
        'This session has been disposed. Create another with model.createSession().',
      )
  }

  return {
    prompt(text, { sampling: own, signal }: PromptOptions = {}) {
      return createReply((emit, ended) => {
        // Options are judged at once; the reply waits for its turn.
        const sampling = resolveSampling(defaults, own)
        return turns(async () => {
          checkAlive()
          const { summary, pending: left } = await generate({
            feeder,
            tokenizer,
            sampler,
            slot,
            promptIds: [...pending, ...tokenizer.encode(formatUser(promptFormat, text))],
            sampling: { ...sampling, seed: sampling.seed ?? randomSeed() },
            stop: promptFormat.stop,
            end: promptFormat.end,
            eosTokenId: description.eosTokenId,
            stream: replies++,
            async keepState() {
              keptSlot ??= await pool.allocate()
              pool.copy(slot, keptSlot)
            },
            restoreState() {
              if (keptSlot !== undefined) pool.copy(keptSlot, slot)
            },
            emit,
            signal: AbortSignal.any([ended, disposal.signal]),
            now,
          })
          pending = [...left]
          checkAlive()
          return summary
        })
      }, signal)
    },
    save: () =>
      turns(async () => {
        checkAlive()
        const state = new Uint32Array((await pool.read(slot)).buffer)
        return new Uint8Array(Uint32Array.of(pending.length, replies, ...pending, ...state).buffer)
      }),
    async dispose() {
      if (disposal.signal.aborted) return
      disposal.abort(new RwkvError('session/disposed', 'This session has been disposed.'))
      await turns(async () => {
        pool.release(slot)
        if (keptSlot !== undefined) pool.release(keptSlot)
      })
    },
  }
}
