import { describe, expect, test } from 'vitest'
import { RwkvError } from '../../src/core/errors.ts'
import { nextTask } from '../../src/core/next-task.ts'
import type { Model } from '../../src/core/protocol.ts'
import { createDurable, type MortalModel } from '../../src/forward/durable.ts'
import type { StepEntry } from '../../src/forward/step-buffer.ts'
import { idsInState, type StandIn, standInModel, standInTokenizer } from '../tools/stand-in-model.ts'

/** Replies, beams, marks and saves; two sessions and a state side by side. What comes of it, wherever it is computed. */
async function work(model: Model): Promise<unknown[]> {
  const found: unknown[] = []
  const session = await model.createSession()
  const other = await model.createSession({ shared: false })
  const state = await model.createState()
  const both = [session.prompt('How do you do?'), other.prompt('What is a cat?', { sampling: { maxTokens: 30 } })]
  const fed = state.feedAll([1, 2, 3, 4, 5, 6, 7])
  for (const reply of both) found.push((await reply.summary).ids)
  found.push([...(await fed)])
  const mark = await session.mark()
  found.push((await session.prompt('And what is a dog to it?', { sampling: { minTokens: 2 } }).summary).ids)
  found.push(await session.beamSearch('Who?', { width: 3, steps: 4 }))
  const branch = await session.branch(mark)
  const stop = new AbortController()
  const stopped = branch.prompt('Go on until I say so.', { signal: stop.signal })
  for await (const _ of stopped) break
  found.push((await stopped.summary).finishReason)
  await branch.rewind(mark)
  found.push((await branch.prompt('Again!').summary).ids)
  const restored = await model.restoreSession(await session.save())
  found.push((await restored.respond({ sampling: { maxTokens: 3 } }).summary.catch(({ code }) => code)) as unknown)
  for (const one of [session, other, branch, restored, state]) {
    found.push(idsInState(await one.read()))
    await one.dispose()
  }
  found.push((await model.evaluate([5, 4, 3, 2, 1, 2, 3])).nllPerToken)
  return found
}

/** Call `then` at the calls to the GPU that `places` number, from now on. */
function atCalls(standIn: StandIn, places: readonly number[], then: () => void): () => number {
  let calls = 0
  standIn.onCall = () => {
    if (places.includes(calls++)) then()
  }
  return () => calls
}

describe('a model whose device is lost', () => {
  test.each([
    ['at any call to the GPU', [0], 1],
    ['and the next one while it takes its place', [0, 1], 3],
    ['and the next one two calls later', [0, 2], 3],
    ['and many more after it, at every third call', Array.from({ length: 20 }, (_, i) => 3 * i), 5],
  ])('%s goes on as if nothing had been', async (_, losses, step) => {
    const undisturbed = await work(standInModel({ durable: true }).model)
    expect(undisturbed).toEqual(await work(standInModel().model))
    let devices = 0
    for (let at = 0, reached = true; reached; at += step) {
      const standIn = standInModel({ durable: true })
      const places = losses.map((one) => one + at)
      const calls = atCalls(standIn, places, standIn.lose)
      expect(await work(standIn.model), `lost at ${places}`).toEqual(undisturbed)
      reached = calls() > at
      devices += standIn.devices()
    }
    expect(devices).toBeGreaterThan((100 * losses.length) / step)
  })

  test('goes on where another device takes fewer rows, and draws no ids', async () => {
    const undisturbed = await work(standInModel().model)
    for (let at = 0, reached = true; reached; at += 3) {
      const standIn = standInModel({ durable: 'smaller' })
      const calls = atCalls(standIn, [at], standIn.lose)
      expect(await work(standIn.model)).toEqual(undisturbed)
      reached = calls() > at
    }
  })
})

describe('while another device is looked for', () => {
  test('a reply that is stopped ends at once with what it has, wherever the device was lost; then its session goes on', async () => {
    const sampling = { maxTokens: 40 }
    const undisturbed = await standInModel().model.createSession()
    const { text: whole } = await undisturbed.prompt('How do you do?', { sampling }).summary
    const lengths: number[] = []
    for (let at = 0, reached = true; reached; at++) {
      const standIn = standInModel({ durable: true })
      const session = await standIn.model.createSession()
      const stop = new AbortController()
      let give = () => {}
      standIn.anotherDevice = new Promise((resolve) => {
        give = resolve
      })
      const calls = atCalls(standIn, [at], () => {
        standIn.lose()
        void nextTask().then(() => stop.abort())
      })
      const reply = session.prompt('How do you do?', { signal: stop.signal, sampling })
      const { text, finishReason } = await reply.summary
      reached = calls() > at
      if (reached) {
        expect(whole.startsWith(text)).toBe(true)
        if (text !== whole) expect(finishReason, `lost at ${at}`).toBe('abort')
        lengths.push(text.length)
      }
      const next = session.prompt('Again!')
      give()
      const { text: answer } = await next.summary
      const said = `O\n\nU:How do you do?\n\nA:${text}\n\nU:Again!\n\nA:${answer}\n\n`
      expect(idsInState(await session.read())).toEqual([0, ...standInTokenizer.encode(said)])
    }
    expect(lengths).toContain(0)
    expect(lengths.filter((length) => length > 0).length).toBeGreaterThan(10)
  })

  test('a reply that is stopped while its state is computed again ends at once too', async () => {
    const standIn = standInModel({ durable: true })
    const session = await standIn.model.createSession()
    await session.prompt('How do you do?', { sampling: { maxTokens: 40, stop: [] } }).summary
    const rows = await session.read()
    standIn.lose()
    await expect.poll(standIn.devices).toBe(2)
    const stop = new AbortController()
    const calls: string[] = []
    standIn.onCall = (call) => {
      calls.push(call)
      if (call === 'draw') stop.abort()
    }
    const { finishReason } = await session.prompt('Again!', { signal: stop.signal }).summary
    expect(finishReason).toBe('abort')
    expect(calls.filter((call) => call === 'draw')).toHaveLength(1)
    expect(idsInState(rows).length).toBeGreaterThan(20)
  })

  test('nobody has to ask for it: it is there when the next call comes', async () => {
    const standIn = standInModel({ durable: true })
    const session = await standIn.model.createSession()
    await session.prompt('How do you do?').summary
    standIn.lose()
    await expect.poll(standIn.devices).toBe(2)
  })
})

/** A model whose states are the sums of their ids, and its steps since it was opened. */
function summing() {
  const states: number[] = []
  const steps: { ids: readonly number[]; isOneOfSeveral: boolean }[] = []
  const life = { isLost: false, bytesRead: 0 }
  const gone = new AbortController().signal
  const check = () => {
    if (life.isLost) throw new RwkvError('gpu/lost', 'The GPU stopped.')
  }
  const model = {
    gone,
    pool: {
      stateByteLength: 4,
      async allocate() {
        return states.push(0) - 1
      },
      release() {},
      write(slot: number, [sum]: Float32Array) {
        states[slot] = sum
      },
      async read(slot: number) {
        check()
        life.bytesRead += 4
        return Float32Array.of(states[slot] as number)
      },
    },
    forward: {
      limits: { rows: 256, entries: 32, outputs: 32 },
      async draw(batch: readonly StepEntry[], { isOneOfSeveral = false } = {}) {
        check()
        const rows = batch.flatMap(({ ids }) => ids)
        for (const { slot, ids } of batch) states[slot] = ids.reduce((sum, id) => sum + id, states[slot] as number)
        steps.push({ ids: rows, isOneOfSeveral: isOneOfSeveral || rows.length > 1 })
        return { logits: [], drawn: Promise.resolve(new Uint32Array()) }
      },
    },
  } as unknown as MortalModel
  return { model, life, steps }
}

describe('a state', () => {
  test.each([[[1, 1, 1, 1]], [[256, 256, 1]], [[200, 57, 199, 1, 1]], [[3, 100, 256, 100, 100, 2]]])(
    'that was fed steps of %j ids again and again is computed again in those steps, of 256 ids at most',
    async (sizes) => {
      const [first, second] = [summing(), summing()]
      const reopen = async () => second.model
      const end = new AbortController().signal
      const durable = createDurable({ first: first.model, initial: Float32Array.of(0), V: 1, reopen, end })
      const slot = await durable.pool.allocate()
      const other = await durable.pool.allocate()
      let sum = 0
      for (let round = 0; round < 100; round++) {
        for (const [i, size] of sizes.entries()) {
          const ids = Array.from({ length: size }, (_, place) => (round + place + i) % 7)
          sum += ids.reduce((all, id) => all + id, 0)
          const batch: StepEntry[] = [{ slot, ids, outputs: 'none' }]
          if (size === 1 && round % 2 === 1) batch.push({ slot: other, ids: [5], outputs: 'none' }) // so it is one of several
          await durable.forward.draw(batch)
        }
      }
      const fed = first.steps.reduce((all, { ids }) => all + ids.length, 0)
      first.life.isLost = true
      expect(await durable.pool.read(slot)).toEqual(Float32Array.of(sum))
      const again = second.steps.reduce((all, { ids }) => all + ids.length, 0)
      expect(again).toBeLessThanOrEqual(256)
      const last = first.steps.slice(-second.steps.length)
      expect(second.steps.map(({ isOneOfSeveral }) => isOneOfSeveral)).toEqual(last.map((step) => step.isOneOfSeveral))
      expect(second.steps.map(({ ids }) => ids[0])).toEqual(last.map(({ ids }) => ids[0]))
      expect(first.life.bytesRead / 4).toBeLessThanOrEqual((2 * fed) / 256) // a copy for at least half as many ids
    },
  )
})
