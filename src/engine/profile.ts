/** @file The rounds of `Model.profile`: the same step again and again, on a state of its own. */

import type { KernelTime, SamplingOptions } from '../core/protocol.ts'
import type { Forward } from '../forward/forward.ts'
import type { StatePool } from '../forward/state-pool.ts'

/** What `profileSteps` needs of a model. */
export interface Profiled {
  readonly forward: Pick<Forward, 'profile' | 'replies'>
  readonly pool: StatePool
  readonly V: number
  readonly now: () => number
}

const LEAST_ROUNDS = 3
const ENOUGH_MS = 500

/** Mean times of the kernels of a step of `tokens` ids, slowest first. */
export async function profileSteps(
  { forward, pool, V, now }: Profiled,
  { tokens, sampling }: { tokens: number; sampling: SamplingOptions & { readonly seed: number } },
): Promise<readonly KernelTime[]> {
  const slot = await pool.allocate()
  const constraint = { bias: new Map<number, number>(), banned: [] }
  const reply = forward.replies.begin({ sampling, constraint, banned: [], stream: 0 })
  try {
    const ids = Array.from({ length: tokens }, (_, i) => i % V)
    const rounds: (readonly KernelTime[])[] = []
    for (const begun = now(); rounds.length < LEAST_ROUNDS || now() - begun < ENOUGH_MS; ) {
      const outputs = reply === undefined ? 'last' : { reply, index: rounds.length }
      rounds.push(await forward.profile({ slot, ids, outputs }))
    }
    return meanOf(rounds)
  } finally {
    if (reply !== undefined) forward.replies.end(reply)
    pool.release(slot)
  }
}

function meanOf(rounds: readonly (readonly KernelTime[])[]): readonly KernelTime[] {
  const sums = new Map<string, number>()
  for (const { kernel, elapsedMs } of rounds.flat()) sums.set(kernel, (sums.get(kernel) ?? 0) + elapsedMs)
  const [first = []] = rounds
  return first
    .map((time) => ({ ...time, elapsedMs: (sums.get(time.kernel) ?? 0) / rounds.length }))
    .sort((a, b) => b.elapsedMs - a.elapsedMs)
}
