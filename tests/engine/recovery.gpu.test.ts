import { expect, test } from 'vitest'
import { withEngine } from '../tools/engine.ts'
import { loseAt } from '../tools/losses.ts'
import { askEverything } from '../tools/recovered.ts'
import { tinyFetch, tinyModel } from '../tools/tiny-model.ts'

test('a device that is destroyed in the middle of replies changes no id and leaves no byte', async () => {
  const outcome = async (lostAt: number) => {
    const losses = loseAt((wait) => wait === lostAt)
    let said: unknown
    await withEngine(
      async (engine, devices) => {
        const model = await engine.loadModel(tinyModel)
        said = await askEverything(model)
        await model.dispose()
        expect((await model.counters()).gpuByteLength).toBe(0)
        expect(devices.length).toBe(1 + losses.lost)
      },
      { fetch: tinyFetch, onDevice: losses.onDevice },
    )
    return { said, losses }
  }
  const undisturbed = await outcome(-1)
  const disturbed = await outcome(Math.floor(0.6 * undisturbed.losses.waits))
  expect(disturbed.losses.lost).toBe(1)
  expect(disturbed.said).toEqual(undisturbed.said)
})
