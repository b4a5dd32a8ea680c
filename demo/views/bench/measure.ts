/** @file What is measured of one setup: a model of its own, fed and asked through the public interface. */

import {
  type DeviceName,
  type KernelTime,
  loadModel,
  type Model,
  type ModelSource,
  type PresetName,
} from '../../../src/index.ts'
import { median } from '../parts/median.ts'

/** A place in a text, and what a token costs there. */
export interface Position {
  readonly tokens: number
  readonly msPerToken: number
}

/** What a model is loaded on. */
export interface Setup {
  readonly device: DeviceName
  /** Of WebGPU's kernels. */
  readonly preset?: PresetName
}

/** What was found of one setup. Times of wall clock; medians. */
export interface SetupResult extends Setup {
  readonly loadMs: number
  readonly weights: string
  readonly weightByteLength: number
  /** Tokens a second of a prompt. */
  readonly prefillTokensPerSecond: number
  /** Tokens a second of a reply, drawing included. */
  readonly tokensPerSecond: number
  readonly perToken: { readonly dispatches: number; readonly submits: number; readonly bytesReadBack: number }
  /** Bytes of the device's memory at the first and the last position. */
  readonly gpuByteLength: { readonly early: number; readonly late: number }
  readonly positions: readonly Position[]
  /** Of a token; undefined where the device cannot time kernels. */
  readonly kernels: readonly KernelTime[] | undefined
}

/** What `measureSetup` takes. */
export interface MeasureOptions {
  readonly source: ModelSource
  readonly setup: Setup
  /** Ascending, in tokens. */
  readonly positions: readonly number[]
  readonly signal: AbortSignal
  /** From 0 to 1. */
  readonly onProgress: (share: number) => void
  /** Tokens a second of a reply, known before all else. */
  readonly onReply: (tokensPerSecond: number) => void
  readonly now: () => number
}

const PREFILL = 64 // ids of the prompt that is timed
const REPLY = 16 // tokens at most of the reply that is timed
const WARM = 2 // of the one before it
const STEPS = 4 // single tokens at each position, a round
const MOST_ROUNDS = 15
const ENOUGH_MS = 500 // of rounds: slow adapters make do with one
const TEXT = 'Once upon a time there was a little cat who lived by the sea and had a friend, a very old dog. '

/** Load, measure, dispose. @throws the signal's reason, and as `loadModel` */
export async function measureSetup(options: MeasureOptions): Promise<SetupResult> {
  const { source, setup, positions, signal, onProgress, onReply, now } = options
  const start = now()
  const model = await loadModel(source, { ...setup, signal })
  try {
    const loadMs = now() - start
    const ids = (await model.encode(TEXT)).slice(0, PREFILL)
    const prompt = Array.from({ length: PREFILL }, (_, i) => ids[i % ids.length] as number)
    const timed = { model, prompt, signal, now }
    const reply = await timeReply(timed)
    onReply(reply.tokensPerSecond)
    const prefillTokensPerSecond = PREFILL / ((await timePrefill(timed)) / 1000)
    const most = positions.at(-1) ?? 1
    const along = await timePositions(timed, positions, (tokens) => onProgress(tokens / most))
    const { weights, weightByteLength } = model.info
    const kernels = await model.profile()
    return { ...setup, loadMs, weights, weightByteLength, prefillTokensPerSecond, ...reply, ...along, kernels }
  } finally {
    await model.dispose()
  }
}

interface Timed {
  readonly model: Model
  readonly prompt: readonly number[]
  readonly signal: AbortSignal
  readonly now: () => number
}

async function timePrefill({ model, prompt, signal, now }: Timed): Promise<number> {
  const state = await model.createState()
  try {
    await state.feed(prompt, { signal }) // finds out how many go at once
    return await timeRounds(now, () => state.feed(prompt, { signal }))
  } finally {
    await state.dispose()
  }
}

async function timeReply({ model, signal }: Timed): Promise<Pick<SetupResult, 'tokensPerSecond' | 'perToken'>> {
  const session = await model.createSession({ shared: false })
  async function reply(tokens: number) {
    const before = await model.counters()
    const sampling = { maxTokens: tokens, seed: 1 }
    const { tokensPerSecond } = await session.respond({ signal, sampling }).summary
    signal.throwIfAborted()
    return { tokensPerSecond, before, after: await model.counters() }
  }
  try {
    await session.append('Tell me a story.', { role: 'user', signal })
    const asked = await session.mark()
    const few = await reply(WARM)
    await session.rewind(asked)
    const many = await reply(REPLY)
    const more = (name: 'dispatches' | 'submits' | 'bytesReadBack' | 'steps') =>
      many.after[name] - many.before[name] - (few.after[name] - few.before[name]) // what comes before a reply is in both
    const each = (name: 'dispatches' | 'submits' | 'bytesReadBack') => more(name) / Math.max(1, more('steps'))
    return {
      tokensPerSecond: many.tokensPerSecond,
      perToken: { dispatches: each('dispatches'), submits: each('submits'), bytesReadBack: each('bytesReadBack') },
    }
  } finally {
    await session.dispose()
  }
}

async function timePositions(
  { model, prompt, signal, now }: Timed,
  positions: readonly number[],
  onProgress: (tokens: number) => void,
): Promise<Pick<SetupResult, 'positions' | 'gpuByteLength'>> {
  const state = await model.createState()
  const found: Position[] = []
  let tokens = 0
  const feed = async (count: number, chunk?: number) => {
    const ids = Array.from({ length: count }, (_, i) => prompt[i % prompt.length] as number)
    await state.feed(ids, { signal, ...(chunk !== undefined && { chunk }) })
    tokens += count
  }
  try {
    await feed(1, 1)
    const early = (await model.counters()).gpuByteLength
    for (const position of positions) {
      while (tokens < position) {
        await feed(Math.min(PREFILL, position - tokens))
        onProgress(tokens)
      }
      found.push({ tokens: position, msPerToken: (await timeRounds(now, () => feed(STEPS, 1))) / STEPS })
    }
    return { positions: found, gpuByteLength: { early, late: (await model.counters()).gpuByteLength } }
  } finally {
    await state.dispose()
  }
}

/** Milliseconds of a round, the median of as many as fit. */
async function timeRounds(now: () => number, round: () => Promise<void>): Promise<number> {
  const times: number[] = []
  const begun = now()
  do {
    const start = now()
    await round()
    times.push(now() - start)
  } while (times.length < MOST_ROUNDS && now() - begun < ENOUGH_MS)
  return median(times)
}
