import { expect, test } from 'vitest'
import type { Engine } from '../../src/engine.ts'
import { withEngine } from '../tools/engine.ts'
import { loseAt } from '../tools/losses.ts'
import { tinyFetch, tinyModel, tinyModel7 } from '../tools/tiny-model.ts'

/** A load, and a little of all that waits for the GPU: what is said and left of it. */
async function converse(engine: Engine, source: string): Promise<unknown> {
  const model = await engine.loadModel(source)
  const state = await model.createState()
  await state.feed([1, 2, 3, 4, 5])
  const session = await model.createSession({
    sampling: { temperature: 1, seed: 5, bannedIds: [0, 259], maxTokens: 8 },
  })
  const said = [(await session.prompt('Hi!').summary).text]
  said.push((await session.prompt('Who?', { sampling: { logprobs: 1, maxTokens: 4 } }).summary).text)
  for (const { text } of await session.beamSearch('What?', { width: 2, steps: 3 })) said.push(text)
  const restored = await model.restoreSession(await session.save())
  said.push((await restored.prompt('Go on.').summary).text)
  const rows = [...(await state.read())]
  for (const one of [state, session, restored]) await one.dispose()
  await model.dispose()
  expect((await model.counters()).gpuByteLength).toBe(0)
  return { said, rows }
}

/** Run `work` with an engine of its own; `lose` destroys its device at the `place`-th moment of waiting from then on. */
async function withLosses(work: (engine: Engine, lose: (place: number) => () => boolean) => Promise<void>) {
  let lostAt = -1
  const losses = loseAt((wait) => wait === lostAt)
  const lose = (place: number) => {
    const { lost } = losses
    lostAt = losses.waits + place
    return () => losses.lost > lost
  }
  await withEngine((engine) => work(engine, lose), { fetch: tinyFetch, onDevice: losses.onDevice })
}

/** How many places there are, each of which `isLostAt` was asked about, until there was none. */
async function countPlaces(isLostAt: (place: number) => Promise<boolean>): Promise<number> {
  for (let place = 0; ; place++) if (!(await isLostAt(place))) return place
}

test.each([
  ['RWKV-4', tinyModel],
  ['RWKV-7', tinyModel7],
])(
  '%s: wherever the device is destroyed while it is waited for, the words are the same, and no byte is left',
  {
    timeout: 900_000,
  },
  (name, source) =>
    withLosses(async (first, lose) => {
      const begun = performance.now()
      const undisturbed = await converse(first, source)
      const later = await countPlaces(async (place) => {
        const isLost = lose(place)
        expect(await converse(first, source), `place ${place}`).toEqual(undisturbed)
        return isLost()
      })
      // The first load of an engine has more of them, as the kernels are compiled.
      const inFirstLoad = await countPlaces(async (place) => {
        let wasLost = false
        await withLosses(async (engine, lose) => {
          const isLost = lose(place)
          const model = await engine.loadModel(source)
          wasLost = isLost()
          lose(-1)
          if (wasLost) expect(await converse(engine, source), `place ${place} of the load`).toEqual(undisturbed)
          await model.dispose()
          expect((await model.counters()).gpuByteLength).toBe(0)
        })
        return wasLost
      })
      const seconds = Math.round((performance.now() - begun) / 1000)
      console.log(
        `${name}: ${inFirstLoad} places in a first load, ${later} in another and what is asked of it, ${seconds} s`,
      )
      expect(inFirstLoad).toBeGreaterThan(30)
      expect(later).toBeGreaterThan(40)
    }),
)
