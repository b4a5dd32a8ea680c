/** @file Times several ways of doing the same in turns, so that whatever else the machine does falls on all of them. */

import type { Took } from '../../demo/views/bench/product-costs.ts'
import { median } from '../../demo/views/parts/median.ts'

const ROUNDS = 5
const LONG_MS = 30 // of a round: what submitting and waiting add is little beside it
const MOST = 1024 // times in a round

/** Does it so many times, and waits until all are done. */
export type Work = (times: number) => Promise<unknown>

/** What one way took, once: the median of the rounds; and until it had been done for the first time. */
export interface Timed<Way> extends Took {
  readonly way: Way
  readonly first: Took
}

/** What `timeInTurns` takes. */
export interface TimeOptions<Way> {
  /** The most important first. */
  readonly ways: readonly Way[]
  readonly begin: (way: Way) => Promise<Work>
  readonly clock: () => Took
  /** By the clock: from halfway to it no way is begun any more, and after it no round but the first. */
  readonly untilMs: number
}

/** What each way takes; those that there was no time for, and those that could not be done, with their error. */
export async function timeInTurns<Way>({ ways, begin, clock, untilMs }: TimeOptions<Way>) {
  const halfway = (clock().wallMs + untilMs) / 2
  const ready: { way: Way; first: Took; work: Work; times: number; rounds: Took[] }[] = []
  const late: Way[] = []
  const refused: { way: Way; error: unknown }[] = []
  const time = async (work: Work, times: number): Promise<Took> => {
    const before = clock()
    await work(times)
    return since(before, clock(), times)
  }
  for (const way of ways) {
    if (clock().wallMs >= halfway) {
      late.push(way)
      continue
    }
    try {
      const before = clock()
      const work = await begin(way)
      await work(1)
      const first = since(before, clock())
      let times = 1
      while (times < MOST && (await time(work, times)).wallMs * times < LONG_MS) times *= 2
      ready.push({ way, first, work, times, rounds: [] })
    } catch (error) {
      refused.push({ way, error })
    }
  }
  for (let round = 0; round < ROUNDS; round++)
    for (const { work, times, rounds } of ready)
      if (round === 0 || clock().wallMs < untilMs) rounds.push(await time(work, times))
  const timed = ready.map(({ way, first, rounds }): Timed<Way> => ({ way, first, ...medians(rounds) }))
  return { timed, late, refused }
}

function since(before: Took, now: Took, times = 1): Took {
  const wallMs = (now.wallMs - before.wallMs) / times
  if (now.cpuMs === undefined || before.cpuMs === undefined) return { wallMs }
  return { wallMs, cpuMs: (now.cpuMs - before.cpuMs) / times }
}

function medians(rounds: readonly Took[]): Took {
  const wallMs = median(rounds.map((round) => round.wallMs))
  const cpuMs = rounds.flatMap((round) => round.cpuMs ?? [])
  return cpuMs.length > 0 ? { wallMs, cpuMs: median(cpuMs) } : { wallMs }
}
