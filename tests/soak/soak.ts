/**
 * @file Random operations on the real engine beside the oracle, while devices are lost, allocations fail and models are
 * loaded anew: whatever happens, states and replies are what the oracle says. A seed says all of it, so that a run that
 * fails can be run again.
 */

import { uniform } from '../../src/core/random.ts'
import { createEngine, isRwkvError, type Model, type State } from '../../src/engine.ts'
import { type OracleModel, type OracleState, openOracle } from '../oracle/oracle-model.ts'
import { createDawn } from '../tools/dawn.ts'
import { createFaults } from '../tools/faults.ts'
import { loseAt } from '../tools/losses.ts'
import { tinyFetch, tinyModel, tinyModel7, tinyWeights, tinyWeights7 } from '../tools/tiny-files.ts'

/** What is asked of a run. */
export interface SoakOptions {
  readonly seed: number
  readonly version: 4 | 7
  /** It ends when either is reached. */
  readonly operations: number
  readonly ids?: number
  readonly onOperation?: (report: SoakReport) => void
}

/** How a run went. */
export interface SoakReport {
  readonly operations: number
  /** Fed, by whatever operation, losses not counted. */
  readonly ids: number
  readonly losses: number
  /** Calls that ended with a code, as memory failed. */
  readonly refusals: number
  readonly reloads: number
  /** Of a logit, over what is allowed. */
  readonly worst: number
}

/** A state, and the same of the oracle. */
interface Twin {
  state: State
  readonly known: OracleState
}

const MOST_TWINS = 6
const NEAR = { atol: 2e-3, rtol: 2e-3 }
const ONE_LOSS_IN = 100 // operations
const ONE_FAULT_IN = 20
const WEIGHTS = {
  create: 2,
  dispose: 1,
  feed: 8,
  batch: 4,
  feedAll: 3,
  fork: 2,
  trace: 1,
  beam: 1,
  talk: 3,
  reload: 0.3,
}

type Operation = keyof typeof WEIGHTS

/** @throws Error that names the operation at which engine and oracle parted */
export async function soak({
  seed,
  version,
  operations,
  ids = Infinity,
  onOperation,
}: SoakOptions): Promise<SoakReport> {
  let index = 0
  const random = () => uniform({ seed, stream: 0, index: index++ })
  const below = (count: number) => Math.floor(random() * count)
  const pick = <T>(list: readonly T[]) => list[below(list.length)] as T
  const report = { operations: 0, ids: 0, losses: 0, refusals: 0, reloads: 0, worst: 0 }

  let untilLoss = 0 // moments of waiting; below 1 the device stays
  const losses = loseAt(() => --untilLoss === 0)
  const faults = createFaults()
  const dawn = createDawn()
  const gpu = {
    async requestAdapter() {
      const adapter = (await dawn.requestAdapter()) as GPUAdapter
      const requestDevice = adapter.requestDevice.bind(adapter)
      adapter.requestDevice = async (descriptor) => {
        const device = await requestDevice(descriptor)
        device.addEventListener('uncapturederror', ({ error }) => uncaptured.push(error.message))
        losses.onDevice(device)
        faults.onDevice(device)
        return device
      }
      return adapter
    },
  } as GPU
  const uncaptured: string[] = []
  const source = version === 4 ? tinyModel : tinyModel7
  const oracle: OracleModel = await openOracle(version === 4 ? tinyWeights : tinyWeights7)
  const { V } = oracle.config
  const engine = createEngine({ gpu, device: 'webgpu', fetch: tinyFetch })
  let model: Model = await engine.loadModel(source)
  let twins: Twin[] = []

  /** Short texts mostly: what may go wrong is at both ends, and the oracle's time goes into ids. */
  const someIds = (most = 40) => Array.from({ length: 1 + Math.floor(most * random() ** 3) }, () => 1 + below(V - 1))
  const compare = (what: string, found: Float32Array, expected: Float64Array) => {
    for (let id = 0; id < V; id++) {
      const [a, b] = [found[id] as number, expected[id] as number]
      const error = Math.abs(a - b) / (NEAR.atol + NEAR.rtol * Math.abs(b))
      if (!(error <= 1)) throw new Error(`${what}: logit ${id} is ${a}, the oracle says ${b}`)
      report.worst = Math.max(report.worst, error)
    }
  }
  const feed = (known: OracleState, fed: readonly number[]) => {
    report.ids += fed.length
    return oracle.feed(known, fed)
  }
  const drop = async ({ state }: Twin) => {
    twins = twins.filter((twin) => twin.state !== state)
    await state.dispose()
  }

  const carryOut: Record<Operation, () => Promise<void>> = {
    async create() {
      if (twins.length < MOST_TWINS) twins.push({ state: await model.createState(), known: oracle.createState() })
    },
    async dispose() {
      if (twins.length > 0) await drop(pick(twins))
    },
    async feed() {
      if (twins.length === 0) return
      const { state, known } = pick(twins)
      const fed = someIds(200)
      await state.feed(fed)
      compare('feed', await state.logits(), feed(known, fed))
    },
    async batch() {
      const batch = twins.map(({ state }) => ({ state, ids: someIds(8) }))
      const fed = [...twins]
      await model.feedBatch(batch)
      for (const [i, { state, known }] of fed.entries())
        compare('batch', await state.logits(), feed(known, batch[i]?.ids ?? []))
    },
    async feedAll() {
      if (twins.length === 0) return
      const { state, known } = pick(twins)
      const fed = someIds()
      const rows = await state.feedAll(fed)
      for (const [i, id] of fed.entries()) compare('feedAll', rows.subarray(i * V, (i + 1) * V), feed(known, [id]))
    },
    async fork() {
      if (twins.length === 0 || twins.length === MOST_TWINS) return
      const from = pick(twins)
      const rows = await from.state.read()
      const state = await model.createState()
      twins.push({ state, known: structuredClone(from.known) })
      await state.write(rows)
    },
    async trace() {
      if (twins.length === 0) return
      const { state, known } = pick(twins)
      const fed = someIds(5)
      await state.trace(fed, { layers: [0], of: ['x'] })
      compare('trace', await state.logits(), feed(known, fed))
    },
    async beam() {
      if (twins.length === 0) return
      const { state, known } = pick(twins)
      const fed = someIds(3)
      await state.feed(fed)
      const logits = feed(known, fed)
      const [best] = await state.beamSearch({ width: 2, steps: 2 })
      const [id = 0, next = 0] = best?.ids ?? []
      const after = oracle.feed(structuredClone(known), [id])
      const logprob = logprobOf(logits, id) + logprobOf(after, next)
      if (!(Math.abs(logprob - (best?.logprob ?? Number.NaN)) < 0.01))
        throw new Error(`beam: ${id}, ${next} has ${best?.logprob}, the oracle says ${logprob}`)
    },
    async talk() {
      const session = await model.createSession({ sampling: { minTokens: 8, maxTokens: 8 }, shared: below(2) === 0 })
      try {
        const known = oracle.createState()
        let text = [0]
        for (let turn = below(3); turn >= 0; turn--) {
          const asked = `${below(1000)} and ${below(1000)}`
          text.push(...(await model.encode(`U:${asked}\n\nA:`)))
          const { ids: said, text: shown } = await session.prompt(asked, { sampling: { minTokens: 0 } }).summary
          for (const id of said) {
            const logits = feed(known, text)
            const best = Math.max(...logits)
            if (!(best - (logits[id] as number) <= 2 * NEAR.atol * Math.max(1, Math.abs(best))))
              throw new Error(`talk: ${id} has the logit ${logits[id]}, the best ${best}`)
            text = [id]
          }
          if (said.length === 0) return // a stop text at once
          const rest = shown.slice((await model.decode(said)).length) // a reply that is stopped in half a character says so
          text.push(...(await model.encode(`${rest}\n\n`)))
          if (below(4) === 0) {
            const saved = await model.restoreSession(await session.save())
            await saved.dispose()
          }
        }
      } finally {
        await session.dispose()
      }
    },
    async reload() {
      const rows: Float32Array[] = []
      for (const { state } of twins) rows.push(await state.read())
      await model.dispose()
      const left = (await model.counters()).gpuByteLength
      if (left !== 0) throw new Error(`reload: ${left} bytes were left`)
      for (;;) {
        const next = await engine.loadModel(source).catch(refused)
        if (next) {
          model = next
          break
        }
      }
      report.reloads++
      const kept = twins
      twins = []
      for (const [i, { known }] of kept.entries()) {
        const state = await model.createState()
        await state.write(rows[i] as Float32Array)
        twins.push({ state, known })
      }
    },
  }

  /** What memory's failure may end a call with. */
  function refused(error: unknown): undefined {
    if (!isRwkvError(error) || !/^(gpu\/(out-of-memory|shader)|session\/state-budget)$/.test(error.code)) throw error
    report.refusals++
    return undefined
  }

  const names = Object.keys(WEIGHTS) as Operation[]
  const total = Object.values(WEIGHTS).reduce((sum, weight) => sum + weight, 0)
  const next = (): Operation => {
    let left = random() * total
    for (const name of names) {
      left -= WEIGHTS[name]
      if (left < 0) return name
    }
    return 'feed'
  }

  try {
    while (report.operations < operations && report.ids < ids) {
      const name = next()
      const isFaulty = below(ONE_FAULT_IN) === 0
      if (below(ONE_LOSS_IN) === 0) untilLoss = 1 + below(40)
      if (isFaulty) {
        untilLoss = 0 // a model that is brought back where there is no memory is gone
        faults.failAt(1 + below(30))
      }
      try {
        await carryOut[name]()
      } catch (error) {
        if (!isFaulty) throw error
        refused(error)
        for (const twin of twins) await drop(twin) // what they were fed of it is not known
      } finally {
        faults.stop()
      }
      report.operations++
      report.losses = losses.lost
      if (uncaptured.length > 0 || faults.unseen.length > 0)
        throw new Error(`${name}: unseen errors of the GPU: ${[...uncaptured, ...faults.unseen].join('; ')}`)
      onOperation?.(report)
    }
    await model.dispose()
    const { gpuByteLength } = await model.counters()
    if (gpuByteLength !== 0) throw new Error(`${gpuByteLength} bytes were left`)
    return report
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`seed ${seed}, RWKV-${version}, operation ${report.operations}: ${what}`, { cause })
  } finally {
    await engine.dispose()
  }
}

function logprobOf(logits: Float64Array, id: number): number {
  const most = Math.max(...logits)
  return (logits[id] as number) - most - Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - most), 0))
}
