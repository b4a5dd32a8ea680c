/**
 * @file Feeding ids to states: what everybody waits for is put into steps of many states at once. A step takes the next
 * id of each reply and a part of each prompt; how much of a prompt follows from how long the last steps took, so that one
 * submit stays short on any GPU. Where the device is lost they wait for another in the queue, which an abort ends at once.
 */

import { isRwkvError } from '../core/errors.ts'
import { nextTask } from '../core/next-task.ts'
import { type Forward, MOST_AHEAD } from '../forward/forward.ts'
import type { StepEntry, StepLimits } from '../forward/step-buffer.ts'
import { readDrawn } from '../kernels/sample.ts'
import { notFinite } from '../sample/cpu-sampler.ts'
import { createPace } from './pace.ts'

/** One state and what to feed it. */
export interface Feed {
  readonly slot: number
  readonly ids: readonly number[]
  /** A slot to copy the state to first; of feeds that take one step. */
  readonly keepIn?: number | undefined
}

/** One id to feed, and the place in a reply of the one that is drawn then. */
export interface DrawFeed extends Feed {
  readonly reply: number
  readonly index: number
}

/** Options of `Feeder.feed`. */
export interface FeedChunks {
  /** Tokens of each entry in a step; default: as many as fit the time of a step. */
  readonly chunk?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** Told after each step how many ids of the first entry are in its state. */
  readonly onStep?: (fed: number) => void
}

/** Feeds states of one model. Calls for different slots may overlap; of one slot there may be one at a time. */
export interface Feeder {
  /**
   * Advance every state of `batch` by its ids, which may differ in number; slots must be distinct, ids not empty.
   * @returns f32 (V) for each entry: the logits after its last id
   * @throws the signal's reason, between two steps: what was fed before stays fed
   */
  feed(batch: readonly Feed[], options?: FeedChunks): Promise<Float32Array<ArrayBuffer>[]>
  /** As `feed` of one state, with the logits after each of its ids. */
  feedAll(feed: Feed, options?: FeedChunks): Promise<Float32Array<ArrayBuffer>[]>
  /**
   * Feed one id and draw the next on the GPU. Resolves once that is under way, from when on the next may be asked for; the
   * id comes later. It rejects with `model/not-finite` where there is none.
   * @throws the signal's reason, if it was aborted before: nothing is fed then
   */
  draw(feed: DrawFeed, options?: Pick<FeedChunks, 'signal'>): Promise<{ readonly id: Promise<number> }>
  /** How many draws of a reply should be under way. */
  readonly ahead: number
  /** Aborted while the device is lost and another is looked for. */
  readonly lost?: AbortSignal | undefined
}

/** One state's way through its ids. */
interface Job extends Feed {
  readonly wants: 'last' | 'all' | Exclude<StepEntry['outputs'], string>
  readonly chunk: number | undefined
  readonly signal: AbortSignal | undefined
  readonly onStep: ((fed: number) => void) | undefined
  readonly logits: Float32Array<ArrayBuffer>[]
  /** Of a draw, once it is under way. */
  drawn: Promise<number> | undefined
  fed: number
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
}

const STEP_TARGET_MS = 150 // of a submit; the usual variance keeps it below 250 ms
const LEAST_ROWS = 8 // of a step before any was timed, and ever after: fewer hardly take less, all weights are read for one
const TIMINGS = 8 // of the latest steps, kept to choose the rows of the next

/** A feeder over `forward`; it remembers how fast its steps were, but lets none feed more than `mostRows` of prompts. */
export function createFeeder(forward: Forward, now: () => number, mostRows = forward.limits.rows): Feeder {
  let rowsInTime = Math.min(LEAST_ROWS, mostRows)
  const timings: number[] = [] // ms a row, of the last full steps
  let waiting: Job[] = [] // the oldest first
  let running = false
  const pace = createPace(now, MOST_AHEAD)
  let lastStep: readonly Job[] = []
  const underWay = new Set<readonly Job[]>()
  const listened = new Map<AbortSignal, number>() // to how many jobs each belongs
  const leave = () => {
    waiting = waiting.filter(goesOn)
  }

  /** Whether a reply that was in one of these steps has not asked for another: it may be about to. */
  function isMissed(): boolean {
    const asking = new Set(waiting.map(({ slot }) => slot))
    return [lastStep, ...underWay].some((jobs) => jobs.some((job) => isDraw(job) && !asking.has(job.slot)))
  }

  /** Advance `jobs` together by one step. */
  async function step(jobs: readonly Job[]): Promise<void> {
    const lengths = shareRows(jobs, forward.limits, rowsInTime)
    const entries = jobs.map((job, i) => entryOf(job, lengths[i] as number))
    const rows = lengths.reduce((sum, length) => sum + length, 0)
    const isAhead = jobs.every(isDraw)
    const start = now()
    const checkWanted = () => {
      for (const { signal } of jobs) signal?.throwIfAborted()
    }
    const { logits, drawn } = await forward.draw(entries, { checkWanted })
    lastStep = jobs
    underWay.add(jobs)
    const end = () => underWay.delete(jobs)
    drawn.then(end, end)
    if (isAhead) pace.begin(drawn)
    else await drawn
    if (!isAhead && rows >= rowsInTime) {
      timings.push(Math.max(now() - start, 0.1) / rows)
      if (timings.length > TIMINGS) timings.shift()
      const fitting = Math.floor(STEP_TARGET_MS / lowerQuartile(timings))
      rowsInTime = Math.min(Math.max(LEAST_ROWS, fitting), rows * 2, mostRows) // one lucky timing is no proof
    }
    let output = 0
    let draws = 0
    jobs.forEach((job, i) => {
      const length = lengths[i] as number
      job.fed += length
      if (isDraw(job)) {
        job.drawn = idOf(drawn, draws++)
        return
      }
      const outputs = { none: 0, last: 1, all: length }[(entries[i] as StepEntry).outputs as 'none' | 'last' | 'all']
      job.logits.push(...logits.slice(output, output + outputs))
      output += outputs
    })
  }

  /** Step until no job waits. */
  async function run(): Promise<void> {
    running = true
    await Promise.resolve() // callers of the same tick share this step
    while (waiting.length > 0) {
      await pace.room()
      if (isMissed()) await nextTask() // several hear of their ids at once, and go on one after another
      if (!waiting.slice(0, forward.limits.entries).every(isDraw)) await pace.idle() // its time would count as this step's
      await forward.device?.back().catch((reason: unknown) => {
        for (const { reject } of waiting.splice(0)) reject(reason)
      })
      const jobs = waiting.splice(0, forward.limits.entries)
      if (jobs.length === 0) continue
      try {
        await step(jobs)
        for (const job of jobs) {
          job.onStep?.(job.fed)
          if (job.fed >= job.ids.length) job.resolve()
          else if (goesOn(job)) waiting.push(job)
        }
      } catch (error) {
        const isInterrupted = forward.device && (isRwkvError(error, 'gpu/lost') || jobs.some(isAborted))
        if (isInterrupted) waiting = [...jobs.filter(goesOn), ...waiting]
        else for (const { reject } of jobs) reject(error)
      }
      // A reply that was given its logits asks for the next ones at once: it must not miss the next step.
      if (jobs.length + waiting.length > 1) await nextTask()
    }
    running = false
  }

  /** Wait in the queue, until all of the feed is fed. An abort ends that at once; a step under way is carried out first. */
  function ask(feed: Feed, wants: Job['wants'], { chunk, signal, onStep }: FeedChunks): Promise<Job> {
    const asked = new Promise<Job>((resolve, reject) => {
      const work = { ...feed, wants, chunk, signal, onStep, logits: [], drawn: undefined, fed: 0 }
      const job: Job = { ...work, resolve: () => resolve(job), reject }
      if (goesOn(job)) waiting.push(job)
    })
    if (!running) void run()
    if (!signal) return asked
    listen(signal, 1)
    return asked.finally(() => listen(signal, -1))
  }

  /** One listener a signal, however many jobs have it: node warns of more than ten. */
  function listen(signal: AbortSignal, change: 1 | -1): void {
    const jobs = (listened.get(signal) ?? 0) + change
    if (jobs > 0) {
      listened.set(signal, jobs)
      signal.addEventListener('abort', leave)
    } else {
      listened.delete(signal)
      signal.removeEventListener('abort', leave)
    }
  }

  /** The logits that were asked for, of each entry. */
  async function all(
    batch: readonly Feed[],
    wants: Job['wants'],
    { onStep, ...options }: FeedChunks,
  ): Promise<Float32Array<ArrayBuffer>[][]> {
    const jobs = batch.map((feed, i) => ask(feed, wants, i === 0 && onStep ? { ...options, onStep } : options))
    // Nothing may be under way any more when this ends, well or badly.
    const ends = await Promise.allSettled(jobs)
    return ends.map((end) => {
      if (end.status === 'rejected') throw end.reason
      return end.value.logits
    })
  }

  return {
    async feed(batch, options = {}) {
      const logits = await all(batch, 'last', options)
      return logits.map(([last]) => last as Float32Array<ArrayBuffer>)
    },
    async feedAll(feed, options = {}) {
      if (feed.ids.length === 0) return []
      const [logits] = await all([feed], 'all', options)
      return logits as Float32Array<ArrayBuffer>[]
    },
    async draw({ slot, ids, keepIn, reply, index }, options = {}) {
      const { drawn } = await ask({ slot, ids, keepIn }, { reply, index }, options)
      return { id: drawn as Promise<number> }
    },
    get ahead() {
      return pace.ahead
    },
    get lost() {
      return forward.device?.lost
    },
  }
}

/** Most of them may have been taken while others kept the machine busy, which only ever makes a step longer. */
function lowerQuartile(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[(values.length - 1) >> 2] as number
}

/** False if its caller has aborted it; its promise is rejected then. */
function goesOn({ signal, reject }: Job): boolean {
  try {
    signal?.throwIfAborted()
    return true
  } catch (reason) {
    reject(reason)
    return false
  }
}

const isDraw = ({ wants }: Job) => typeof wants === 'object'
const isAborted = ({ signal }: Job) => signal?.aborted === true

/** The id that a step drew at `place`. */
function idOf(drawn: Promise<Uint32Array>, place: number): Promise<number> {
  const id = drawn.then((all) => {
    const { id, wrong } = readDrawn(all[place] as number)
    if (wrong === undefined) return id
    throw id < 0 ? notFinite() : notFinite({ id, score: wrong })
  })
  id.catch(() => {}) // the caller may have gone
  return id
}

function entryOf({ slot, ids, wants, fed, keepIn }: Job, length: number): StepEntry {
  const to = fed + length
  const outputs = wants === 'last' && to < ids.length ? 'none' : wants
  return { slot, ids: ids.slice(fed, to), outputs, keepIn }
}

/**
 * How many ids of each job go into a step: one of a reply, which waits for nothing else, and of prompts as many as fit its
 * time beside the replies, but at least half of what would fit without them.
 */
function shareRows(jobs: readonly Job[], limits: StepLimits, rowsInTime: number): number[] {
  const left = ({ ids, fed }: Job) => ids.length - fed
  const short = jobs.filter((job) => left(job) === 1).length
  const long = jobs.length - short
  const share = (rows: number) => Math.max(1, Math.floor(rows / Math.max(1, long)))
  const inTime = share(Math.max(rowsInTime - short, rowsInTime / 2))
  const inStep = share(limits.rows - short)
  const wantAll = jobs.filter(({ wants }) => wants === 'all').length
  const ofOutputs = Math.max(1, Math.floor((limits.outputs - (jobs.length - wantAll)) / Math.max(1, wantAll)))
  return jobs.map((job) => {
    const inOutputs = job.wants === 'all' ? ofOutputs : Infinity
    return Math.min(left(job), job.chunk ?? inTime, inStep, inOutputs)
  })
}
