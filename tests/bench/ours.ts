/**
 * @file rwkv.js as a contestant, through its public API alone: what is measured is what a program gets. Serves wherever
 * there is a `Model`, in a worker or behind one.
 */

import type { Model, State } from '../../src/core/protocol.ts'
import { PROMPT_LENGTH } from './ratios.ts'
import type { Contestant } from './rounds.ts'
import { idOfStep } from './workload.ts'

/** Single steps: an id goes in, its logits (V) come back. @param state stays the caller's */
export function stepping(name: string, model: Model, state: State): Contestant {
  let step = 0
  return {
    name,
    unit: 'token',
    units: 1,
    async run() {
      await state.feed([idOfStep(step++, model.info.config.V)], { chunk: 1 })
      return state.logits()
    },
  }
}

/** A prompt of `PROMPT_LENGTH` ids in one step. @param state stays the caller's */
export function prefilling(name: string, model: Model, state: State): Contestant {
  const ids = idsOf(model, PROMPT_LENGTH)
  return { name, unit: 'token', units: ids.length, run: () => state.feed(ids, { chunk: ids.length }) }
}

/** One id of each of several states together. @param states stay the caller's */
export function batching(name: string, model: Model, states: readonly State[]): Contestant {
  const { V } = model.info.config
  let step = 0
  return {
    name,
    unit: 'token',
    units: states.length,
    async run() {
      await model.feedBatch(states.map((state, i) => ({ state, ids: [idOfStep(step + i, V)] })))
      step++
    },
  }
}

/** The first ids of every contestant. */
export function idsOf({ info }: Model, count: number): number[] {
  return Array.from({ length: count }, (_, step) => idOfStep(step, info.config.V))
}

/** What every contestant is fed before its logits are compared. */
export const checkIds = (model: Model): number[] => idsOf(model, 4)

/** What a token of a reply costs, by counters: the difference of a long and a short reply to the same prompt. */
export interface TokenCounters {
  readonly dispatches: number
  readonly submits: number
  readonly created: number
  readonly bytesReadBack: number
}

/** Ask for two greedy replies of a session that differ in length alone. */
export async function countersOf(model: Model): Promise<TokenCounters> {
  const [short, long] = [8, 24]
  const cost = async (tokens: number) => {
    const session = await model.createSession({ shared: false })
    const before = await model.counters()
    const { ids } = await session.prompt('Tell me a story.', { sampling: { temperature: 0, maxTokens: tokens } })
      .summary
    const after = await model.counters()
    if (ids.length !== tokens) throw new Error(`a reply of ${ids.length} tokens; expected ${tokens}`)
    await session.dispose()
    return (name: keyof TokenCounters) => after[name] - before[name]
  }
  await cost(1) // what is made once
  const [few, many] = [await cost(short), await cost(long)]
  const perToken = (name: keyof TokenCounters) => (many(name) - few(name)) / (long - short)
  return {
    dispatches: perToken('dispatches'),
    submits: perToken('submits'),
    created: perToken('created'),
    bytesReadBack: perToken('bytesReadBack'),
  }
}
