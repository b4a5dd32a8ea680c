/**
 * @file Contestants measured in turn, A B C A B C: what slows the machine down for a while slows all of them, and a ratio
 * within a round stays what it is. Knows neither what is measured nor by which clock.
 */

/** A moment, on two clocks. */
export interface Moment {
  readonly wallMs: number
  /** CPU time of all that takes part; the clock of software adapters, whose work is the CPU's. */
  readonly cpuMs: number
}

/** What one unit took. */
export type Cost = Moment

/** Costs a unit of each contestant by its name, one for each round. */
export type Costs = Readonly<Record<string, readonly Cost[]>>

/** Something to measure. */
export interface Contestant {
  readonly name: string
  readonly unit: 'token' | 'GB' | 'GFLOP'
  /** Units of one run. */
  readonly units: number
  /** Do it once; resolves when it has been done, not when it has been asked for. */
  run(): Promise<unknown>
}

/** What `measureRounds` takes. */
export interface Measuring {
  readonly rounds: number
  readonly now: () => Promise<Moment>
  /** A contestant runs as often in a round as fits this time, at least once. */
  readonly spanMs: number
  /** Hears of the end of each round. */
  readonly onRound?: (round: number) => void
}

const DROPPED = 2 // runs of each contestant before the first round: they pay for what drivers put off

/** Run everybody in every round. */
export async function measureRounds(
  contestants: readonly Contestant[],
  { rounds, now, spanMs, onRound }: Measuring,
): Promise<Costs> {
  const entries: { contestant: Contestant; runs: number; costs: Cost[] }[] = []
  for (const contestant of contestants) {
    let wallMs = 0
    for (let i = 0; i < DROPPED; i++) wallMs = (await costOf(contestant, 1, now)).wallMs * contestant.units
    entries.push({ contestant, runs: Math.max(1, Math.floor(spanMs / Math.max(wallMs, 0.1))), costs: [] })
  }
  for (let round = 0; round < rounds; round++) {
    for (const { contestant, runs, costs } of entries) costs.push(await costOf(contestant, runs, now))
    onRound?.(round)
  }
  return Object.fromEntries(entries.map(({ contestant, costs }) => [contestant.name, costs]))
}

async function costOf({ run, units }: Contestant, runs: number, now: () => Promise<Moment>): Promise<Cost> {
  const before = await now()
  for (let i = 0; i < runs; i++) await run()
  const after = await now()
  const count = runs * units
  return { wallMs: (after.wallMs - before.wallMs) / count, cpuMs: (after.cpuMs - before.cpuMs) / count }
}
