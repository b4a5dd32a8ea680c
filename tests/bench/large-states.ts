/**
 * @file `npm run large-states`: what large states cost a conversation of 100 messages, on a made-up version with states of
 * 6.5 MB: going back, forking, saving, opening, bytes written after a reply; and what saving in f16 does to a model's
 * predictions.
 */

import { readFile } from 'node:fs/promises'
import { float32ToHalf, halfToFloat32 } from '../../src/core/float16.ts'
import type { Model, Session } from '../../src/core/protocol.ts'
import { createEngine } from '../../src/engine.ts'
import { fileFetch } from '../../src/node/file-fetch.ts'
import { logSumExp } from '../../src/sample/logprobs.ts'
import { stateBudgets } from '../../src/session/budgets.ts'
import { createStore } from '../../src/store/store.ts'
import { createDawn } from '../tools/dawn.ts'
import { storyteller } from '../tools/engine.ts'
import { createFakeDirectory } from '../tools/fake-directory.ts'
import { createWideEngine, wideModel } from '../tools/wide-state.ts'
import { median } from './statistics.ts'

const REPLIES = 50
const MB = 1e6
const inMb = (bytes: number) => `${(bytes / MB).toFixed(1)} MB`
const inMs = (values: readonly number[]) =>
  `median ${median(values).toFixed(1)} ms, worst ${Math.max(...values).toFixed(1)} ms`

/** What `work` gives, and the milliseconds it took. */
async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const from = performance.now()
  const result = await work()
  return [result, performance.now() - from]
}

/** Prints the figures. */
export async function main(): Promise<number> {
  const { disk, directory } = createFakeDirectory()
  const engine = await createWideEngine({ store: createStore({ open: async () => directory }) })
  const model = await engine.loadModel(wideModel)
  const { keptOnGpu, keptInMemory } = stateBudgets(model.info.stateByteLength)
  console.log(
    `a state ${inMb(model.info.stateByteLength)}; marks: ${inMb(keptOnGpu)} on the GPU, ${inMb(keptInMemory)} in memory, the rest in a file (here in memory too)`,
  )
  const session = await model.createSession({ shared: false })
  await converse(session, () => disk.used)
  await save(model, session)
  await goBack(session)
  await engine.dispose()
  await rounded()
  return 0
}

async function converse(session: Session, diskUsed: () => number): Promise<void> {
  let { names: known } = await session.saveParts()
  let most = { states: 0, bytes: 0, moved: 0 }
  const replies: number[] = []
  for (let reply = 0; reply < REPLIES; reply++) {
    const used = diskUsed()
    const [, ms] = await timed(() => session.prompt(`message ${reply}`).summary)
    replies.push(ms)
    const { names, states } = await session.saveParts({ known })
    known = names
    const bytes = [...states.values()].reduce((sum, { byteLength }) => sum + byteLength, 0)
    most = {
      states: Math.max(most.states, states.size),
      bytes: Math.max(most.bytes, bytes),
      moved: Math.max(most.moved, diskUsed() - used),
    }
  }
  console.log(`${2 * REPLIES} messages; a reply of 6 tokens: ${inMs(replies)}`)
  console.log(`to write after a reply: at most ${most.states} states, ${inMb(most.bytes)}`)
  console.log(`marks that a reply sends to the file: at most ${inMb(most.moved)}`)
}

async function save(model: Model, session: Session): Promise<void> {
  for (const precision of ['f32', 'f16'] as const) {
    const [bytes, ms] = await timed(() => session.save({ precision }))
    const [opened, openMs] = await timed(() => model.restoreSession(bytes))
    await opened.dispose()
    console.log(
      `saved in ${precision}: ${inMb(bytes.byteLength)} in ${ms.toFixed(0)} ms, opened in ${openMs.toFixed(0)} ms`,
    )
  }
  const [fork, ms] = await timed(() => session.fork())
  await fork.dispose()
  console.log(`forked in ${ms.toFixed(1)} ms`)
}

/** To each message in turn, the last first: those of the GPU, those in memory, those in the file. */
async function goBack(session: Session): Promise<void> {
  const waits: number[] = []
  for (const { before } of [...(await session.transcript())].reverse()) {
    const [, ms] = await timed(() => session.rewind(before))
    waits.push(ms)
  }
  console.log(`going back to each of ${waits.length} messages: ${inMs(waits)}`)
}

/** What a model loses if its state is rounded to f16, as it is in saved sessions: in nats a token over what follows. */
async function rounded(): Promise<void> {
  const engine = createEngine({ gpu: createDawn(), device: 'webgpu', fetch: fileFetch })
  const story = await readFile(new URL('heldout.txt', storyteller), 'utf8')
  for (const [name, source] of [
    ['storyteller (RWKV-4)', storyteller],
    ['seven128 (RWKV-7)', new URL('../golden7/models/seven128.bf16.pth', import.meta.url).href],
  ] as const) {
    const model = await engine.loadModel(source, { weights: 'f32' })
    const ids = source === storyteller ? [0, ...(await model.encode(story))].slice(0, 513) : await ownText(model, 513)
    const [exact, once, often] = [
      await nllOf(model, ids, ids.length),
      await nllOf(model, ids, 256),
      await nllOf(model, ids, 32),
    ]
    console.log(
      `${name}, ${ids.length - 1} ids, ${exact.toFixed(4)} nats: state rounded once in the middle ${signed(once - exact)}, every 32 ids ${signed(often - exact)}`,
    )
    await model.dispose()
  }
  await engine.dispose()
}

const signed = (nats: number) => `${nats < 0 ? '' : '+'}${nats.toExponential(1)}`

/** Nats a token of `ids`, where the state is rounded after each `every` of them. */
async function nllOf(model: Model, ids: readonly number[], every: number): Promise<number> {
  const { V } = model.info.config
  const state = await model.createState()
  let sum = 0
  for (let from = 0; from < ids.length - 1; from += every) {
    const fed = ids.slice(from, Math.min(from + every, ids.length - 1))
    const logits = await state.feedAll(fed)
    fed.forEach((_, i) => {
      const after = logits.subarray(i * V, (i + 1) * V)
      sum += logSumExp(after) - (after[ids[from + i + 1] as number] as number)
    })
    const rows = await state.read()
    await state.write(halfToFloat32(float32ToHalf(rows.map((value) => Math.max(-65_504, Math.min(65_504, value))))))
  }
  await state.dispose()
  return sum / (ids.length - 1)
}

/** Ids that the model draws by itself, by a generator with a fixed seed. */
async function ownText(model: Model, length: number): Promise<number[]> {
  const ids = [0]
  const state = await model.createState()
  let random = 1
  while (ids.length < length) {
    await state.feed(ids.slice(-1))
    const logits = await state.logits()
    random = (random * 16_807) % 2_147_483_647
    let sum = 0
    const all = logSumExp(logits)
    const sums = logits.map((logit) => {
      sum += Math.exp(logit - all)
      return sum
    })
    ids.push(
      Math.max(
        0,
        sums.findIndex((sum) => sum > random / 2_147_483_647),
      ),
    )
  }
  await state.dispose()
  return ids
}
