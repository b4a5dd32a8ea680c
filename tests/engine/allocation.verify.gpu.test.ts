import { describe, expect, test } from 'vitest'
import { type Engine, isRwkvError, type Model } from '../../src/engine.ts'
import { liveBuffers, withEngine } from '../tools/engine.ts'
import { createFaults, type Faults } from '../tools/faults.ts'
import { tinyFetch, tinyModel, tinyModel7 } from '../tools/tiny-model.ts'

interface Parts {
  readonly engine: Engine
  readonly faults: Faults
  readonly live: () => number
}

/** An engine whose device fails where it is told to. */
async function withFaults(work: (parts: Parts) => Promise<void>): Promise<void> {
  const faults = createFaults()
  let live: ReadonlySet<GPUBuffer> = new Set()
  const onDevice = (device: GPUDevice) => {
    faults.onDevice(device)
    live = liveBuffers(device)
  }
  await withEngine((engine) => work({ engine, faults, live: () => live.size }), { fetch: tinyFetch, onDevice })
  expect(faults.unseen).toEqual([])
}

/** Do `work` with a fault at its first allocation, its second and so on, until it comes to its end without any. */
async function atEach(
  { faults, live }: Parts,
  work: () => Promise<unknown>,
  after: () => Promise<void>,
): Promise<number> {
  const before = live()
  for (let count = 1; ; count++) {
    faults.failAt(count)
    const error = await work().then(
      () => undefined,
      (reason: unknown) => reason,
    )
    const hasFailed = faults.stop()
    if (error !== undefined) expect(isRwkvError(error), `${count}: ${String(error)}`).toBe(true)
    await after()
    expect(live(), `after the fault at ${count}`).toBe(before)
    if (!hasFailed) return count - 1
  }
}

/** What a model says, and what a state holds. */
async function answer(model: Model): Promise<unknown> {
  const session = await model.createSession({ sampling: { maxTokens: 4 }, shared: false })
  const { ids } = await session.prompt('How do you do?').summary
  await session.dispose()
  return ids
}

describe.each([
  ['RWKV-4', tinyModel],
  ['RWKV-7', tinyModel7],
])('%s: whichever buffer or binding fails', (_, source) => {
  test('in a load, it is refused with a code and leaves nothing, and the next load works', () =>
    withFaults(async (parts) => {
      const { engine } = parts
      const first = await engine.loadModel(source)
      const said = await answer(first)
      await first.dispose()
      let loaded: Model | undefined
      const load = async () => {
        loaded = undefined
        loaded = await engine.loadModel(source)
      }
      expect(await atEach(parts, load, async () => loaded?.dispose())).toBeGreaterThan(80)
      const last = await engine.loadModel(source)
      expect(await answer(last)).toEqual(said)
      await last.dispose()
      expect(parts.live()).toBe(0)
    }))

  test(
    'as states are made room for, traced, timed, searched or saved, the others go on as if nothing had been',
    { timeout: 400_000 },
    () =>
      withFaults(async (parts) => {
        const model = await parts.engine.loadModel(source)
        const state = await model.createState()
        await state.feed([1, 2, 3])
        const rows = await state.read()
        const said = await answer(model)
        const session = await model.createSession()
        await session.prompt('Hello!').summary
        const saved = await session.save()
        const isAsBefore = async () => {
          expect(await state.read()).toEqual(rows)
          expect(await answer(model)).toEqual(said)
        }
        const works: Record<string, () => Promise<unknown>> = {
          async trace() {
            await state.trace([4, 5], { layers: [0] }).finally(() => state.write(rows))
          },
          profile: () => model.profile(),
          save: () => session.save(),
          beam: () => session.beamSearch('Who?', { width: 2, steps: 2 }),
          restore: async () => (await model.restoreSession(saved)).dispose(),
        }
        for (const [name, work] of Object.entries(works)) console.log(name, await atEach(parts, work, isAsBefore))
        // A pool that has grown stays so: each time there are more states, until one more is made room for.
        for (let count = 1, grown = 0; grown < 3; count++) {
          const before = parts.live()
          parts.faults.failAt(count)
          const error = await fill(model).then(
            () => undefined,
            (reason: unknown) => reason,
          )
          const hasFailed = parts.faults.stop()
          if (error !== undefined) expect(isRwkvError(error), `${count}: ${String(error)}`).toBe(true)
          await isAsBefore()
          expect(parts.live()).toBe(before)
          if (!hasFailed) {
            grown++
            count = 0
          }
        }
        await model.dispose()
        expect(parts.live()).toBe(0)
      }),
  )
})

/** Take states until their pool has grown, and give them back. */
async function fill(model: Model): Promise<void> {
  const states = []
  const { created } = await model.counters()
  try {
    while ((await model.counters()).created === created) states.push(await model.createState())
  } finally {
    for (const state of states) await state.dispose()
  }
}
