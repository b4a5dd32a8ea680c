/**
 * @file A model with a vocabulary that takes milliseconds to load and a token: the golden model plain64 (2 layers, 64
 * channels, 260 ids) as a folder. What it says is nonsense, and always the same nonsense.
 */

import { afterAll, expect } from 'vitest'
import type { Model } from '../../src/core/protocol.ts'
import { createEngine, exposeEngine } from '../../src/engine.ts'
import { loadModel } from '../../src/index.ts'
import { createDawn } from './dawn.ts'
import { testedDevice } from './engine.ts'
import { tinyFetch, tinyModel } from './tiny-files.ts'

export * from './tiny-files.ts'

type Way = 'engine' | 'worker'

/** A loaded tiny model and how to end it. */
interface Opened {
  readonly model: Model
  readonly close: () => Promise<void>
}

const opened = new Map<Way, Promise<Opened>>() // one for all tests of a file

/** By itself, or through the page's client and the worker's end of it. */
async function open(through: Way): Promise<Opened> {
  const engine = createEngine({ gpu: createDawn(), device: testedDevice, fetch: tinyFetch })
  if (through === 'engine') {
    const model = await engine.loadModel(tinyModel)
    return {
      model,
      async close() {
        await model.dispose()
        const { gpuByteLength } = await model.counters()
        await engine.dispose()
        expect(gpuByteLength).toBe(0)
      },
    }
  }
  const { port1, port2 } = new MessageChannel()
  exposeEngine(engine, port2)
  const worker = Object.assign(port1, { terminate() {} }) as unknown as Worker
  const model = await loadModel(tinyModel, { worker })
  return {
    model,
    async close() {
      await model.dispose()
      for (const port of [port1, port2]) port.close()
      await engine.dispose()
    },
  }
}

/** Run `work` with the tiny model. It is loaded once for all tests of a file; sessions and states are the test's own. */
export async function withTiny(
  work: (model: Model) => Promise<void>,
  { through = 'engine' }: { through?: Way } = {},
): Promise<void> {
  const ready = opened.get(through) ?? open(through)
  opened.set(through, ready)
  await work((await ready).model)
}

afterAll(async () => {
  for (const one of opened.values()) await (await one).close()
})
