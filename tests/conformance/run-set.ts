/**
 * @file Runs a conformance set through the public API alone, so that the same code serves the engine in node and the
 * worker behind a page.
 */

import type { LoadOptions, Model, State, StateOptions } from '../../src/core/protocol.ts'
import type { Cases, ConformanceSet } from '../tools/golden.ts'

/** What a run hands in; the layout is FORMAT.md's. */
export interface Results {
  models: Record<string, ModelResults>
  containers: Record<string, number[] | string>
  bad: Record<string, string | null>
  /** Models that did not load or run, and why. */
  failed: Record<string, string>
}

/** How models are loaded: `simd` is which of the two modules of WebAssembly they must be computed by. */
export interface RunOptions extends LoadOptions {
  readonly simd?: 'plain' | 'relaxed'
}

/** Loads with `options`. @throws Error if a model is not computed by what was asked for */
export function loader(
  loadModel: (url: string, options: LoadOptions) => Promise<Model>,
  { simd, ...options }: RunOptions,
): (url: string, stored: LoadOptions) => Promise<Model> {
  return async (url, stored) => {
    const model = await loadModel(url, { ...stored, ...options })
    const { device, adapter, threads } = model.info
    const found = adapter.features.includes('relaxed-simd') ? 'relaxed' : 'plain'
    if (simd && (device.name !== 'wasm' || found !== simd))
      throw new Error(`computed by ${device.name} with ${found} SIMD; asked for ${simd}`)
    if (options.threads !== undefined && threads !== options.threads)
      throw new Error(`computed by ${threads} threads; asked for ${options.threads}`)
    return model
  }
}

/** The format of a file of 16 bits, by its name: `auto` may hold it in another. */
function storedFormat(file: string): LoadOptions {
  const [, weights] = /\.(f16|bf16)\./.exec(file) ?? []
  return weights ? { weights: weights as 'f16' | 'bf16' } : {}
}

/** State rows of one layer, by the set's names. */
export type StateRows = Record<string, number[]>

/** One model's numbers. */
export interface ModelResults {
  /** CASE@WAY -> logits. */
  logits: Record<string, number[]>
  greedy?: number[]
  state?: StateRows[]
  nll: Record<string, number>
  /** Summed logprob, and whether it is what greedy decoding would say. */
  score?: [number, boolean][]
  beam?: (readonly number[])[]
  /** Logits from a tuned start state. */
  tuned?: number[]
}

/** What to run, without anything that cannot be sent to a page. */
export interface Plan {
  readonly models: readonly { readonly name: string; readonly file: string; readonly cases: Cases }[]
  readonly containers: readonly { readonly name: string; readonly file: string; readonly tokens: readonly number[] }[]
  readonly bad: readonly string[]
}

/** The plan of a set, narrowed to `models` if given: names with or without their dtype; `*` stands for anything. */
export function planOf(set: ConformanceSet, fileOf: (model: string) => string, models?: readonly string[]): Plan {
  const wanted = (name: string) => !models || models.some((model) => patternOf(model).test(name))
  const unknown = models?.filter((model) => !Object.keys(set.cases).some((name) => patternOf(model).test(name)))
  if (unknown && unknown.length > 0)
    throw new RangeError(`The set has no model ${unknown.join(', ')}; it has ${Object.keys(set.cases).join(', ')}.`)
  const containers = Object.entries(set.containers).filter(([, { cases }]) => wanted(cases))
  return {
    models: Object.keys(set.cases)
      .filter(wanted)
      .map((name) => ({ name, file: fileOf(name), cases: set.cases[name] })),
    containers: containers.map(([name, { cases, probe }]) => ({
      name,
      file: /\.\w+$/.test(name) ? name : `${name}/`, // a folder is opened as one
      tokens: set.cases[cases].cases[probe].tokens,
    })),
    bad: models ? [] : Object.keys(set.bad),
  }
}

const patternOf = (model: string) => new RegExp(`^${model.replaceAll('.', '\\.').replaceAll('*', '.*')}(\\..*)?$`)

/** Every way of computing that exists, and how it feeds. */
const ways: Record<string, (run: Run) => Promise<Float32Array>> = {
  sequential: (run) => fed(run, 1),
  parallel: (run) => fed(run, run.tokens.length),
  'chunk=1': (run) => fed(run, 1),
  'chunk=7': (run) => fed(run, 7),
  'chunk=64': (run) => fed(run, 64),
  restored,
  batch: batched,
}

interface Run {
  readonly model: Model
  readonly tokens: readonly number[]
  readonly split: number | null
}

/** Compute everything in `plan`. */
export async function runPlan(
  plan: Plan,
  { urlOf, load }: { urlOf: (file: string) => string; load: (url: string, stored: LoadOptions) => Promise<Model> },
  log: (line: string) => void,
): Promise<Results> {
  const openModel = (file: string) => load(urlOf(file), storedFormat(file))
  const results: Results = { models: {}, containers: {}, bad: {}, failed: {} }
  for (const { name, file, cases } of plan.models) {
    log(`${name} …`)
    try {
      const model = await openModel(file)
      results.models[name] = await runModel(model, cases, urlOf)
      await model.dispose()
    } catch (error) {
      results.failed[name] = String(error)
    }
  }
  for (const { name, file, tokens } of plan.containers) {
    log(`${name} …`)
    try {
      const model = await openModel(file)
      results.containers[name] = Array.from(await fed({ model, tokens, split: null }, 1))
      await model.dispose()
    } catch (error) {
      results.containers[name] = String(error)
    }
  }
  for (const name of plan.bad) {
    try {
      const model = await openModel(name)
      await model.dispose()
      results.bad[name] = null
    } catch (error) {
      results.bad[name] = (error as Error).message
    }
  }
  return results
}

async function runModel(
  model: Model,
  { cases, logit_ids, greedy, state, perplexity, score, beam, tuned }: Cases,
  urlOf: (file: string) => string,
): Promise<ModelResults> {
  const results: ModelResults = { logits: {}, nll: {} }
  for (const [name, { tokens, split }] of Object.entries(cases)) {
    for (const [way, compute] of Object.entries(ways)) {
      if (way === 'restored' && split === null) continue
      const logits = await compute({ model, tokens, split })
      results.logits[`${name}@${way}`] = logit_ids ? logit_ids.map((id) => logits[id]) : Array.from(logits)
    }
  }
  if (greedy) results.greedy = await greedyIds(model, greedy.prompt, Math.min(64, greedy.tokens.length))
  if (state) results.state = await stateRows(model, state.tokens)
  for (const [name, { tokens }] of Object.entries(perplexity ?? {}))
    results.nll[name] = (await model.evaluate(tokens)).nllPerToken
  if (score) {
    results.score = []
    for (const { context, target } of score) {
      const { logprob, isGreedy } = await model.score(context, target)
      results.score.push([logprob, isGreedy])
    }
  }
  if (tuned) {
    const run = { model, tokens: tuned.tokens, split: null }
    results.tuned = Array.from(await fed(run, tuned.tokens.length, { initialState: urlOf(tuned.file) }))
  }
  if (beam) results.beam = await beamIds(model, beam)
  return results
}

/** Do something with a fresh state. */
async function withState<T>(model: Model, work: (state: State) => Promise<T>, options: StateOptions = {}): Promise<T> {
  const state = await model.createState(options)
  try {
    return await work(state)
  } finally {
    await state.dispose()
  }
}

function fed({ model, tokens }: Run, chunk: number, options?: StateOptions): Promise<Float32Array> {
  const work = async (state: State) => {
    await state.feed(tokens, { chunk })
    return state.logits()
  }
  return withState(model, work, options)
}

/** Save the state in the middle, lead it astray, restore it, go on. */
function restored({ model, tokens, split }: Run): Promise<Float32Array> {
  return withState(model, async (state) => {
    await state.feed(tokens.slice(0, split ?? 0))
    const saved = await state.read()
    await state.feed([...tokens].reverse())
    await state.write(saved)
    await state.feed(tokens.slice(split ?? 0))
    return state.logits()
  })
}

/** One of 8 states fed together, the others with other tokens and other lengths. */
async function batched({ model, tokens }: Run): Promise<Float32Array> {
  const states = await Promise.all(Array.from({ length: 8 }, () => model.createState()))
  const batch = states.map((state, i) => ({
    state,
    ids: i === 5 ? tokens : [...tokens].reverse().slice(i % tokens.length),
  }))
  await model.feedBatch(batch)
  const logits = await states[5].logits()
  for (const state of states) await state.dispose()
  return logits
}

function greedyIds(model: Model, prompt: readonly number[], count: number): Promise<number[]> {
  return withState(model, async (state) => {
    const ids: number[] = []
    let next = prompt
    while (ids.length < count) {
      await state.feed(next)
      const logits = await state.logits()
      const id = logits.indexOf(Math.max(...logits))
      ids.push(id)
      next = [id]
    }
    return ids
  })
}

function stateRows(model: Model, tokens: readonly number[]): Promise<StateRows[]> {
  return withState(model, async (state) => {
    await state.feed(tokens)
    const { version, L, C } = model.info.config
    const values = await state.read()
    let at = 0
    return Array.from({ length: L }, () => {
      const layer: StateRows = {}
      for (const { name, count } of model.info.state) {
        const rows = Array.from(values.subarray(at, at + count * C))
        layer[ROW_NAMES[name] ?? name] = name === 's' && version === 7 ? headsTurned(rows, count) : rows
        at += count * C
      }
      return layer
    })
  })
}

/** What sets call rows whose names differ here. */
const ROW_NAMES: Readonly<Record<string, string>> = { attX: 'x_att', ffnX: 'x_ffn' }

/** Matrices of (key, value) channels, a head of N after another, as sets have them of RWKV-7: (value, key). */
function headsTurned(values: readonly number[], N: number): number[] {
  return values.map((_, at) => values[at - (at % (N * N)) + (at % N) * N + (Math.floor(at / N) % N)])
}

function beamIds(model: Model, { prompt, width, steps }: NonNullable<Cases['beam']>): Promise<(readonly number[])[]> {
  return withState(model, async (state) => {
    await state.feed(prompt)
    const beams = await state.beamSearch({ width, steps })
    return beams.map(({ ids }) => ids)
  })
}
