/** @file A golden model through the engine: what its set says, and what a token of it costs. */

import { pathToFileURL } from 'node:url'
import { expect } from 'vitest'
import type { WeightFormat } from '../../src/core/protocol.ts'
import { expectClose } from './closeness.ts'
import { withEngine } from './engine.ts'
import { fileOf, readSet } from './golden.ts'

/** The logits of a case are those of the set, whether fed at once or not, and a token costs so many dispatches. */
export const expectDecodeCost = (
  folder: string,
  {
    model: name,
    dispatchesALayer,
    weights,
  }: { readonly model: string; readonly dispatchesALayer: number; readonly weights: WeightFormat },
) =>
  withEngine(async (engine) => {
    const set = await readSet(folder)
    const { tokens, logits, atol } = set.cases[name].cases['mixed-33']
    const model = await engine.loadModel(`${pathToFileURL(folder).href}/models/${fileOf(set, name)}`)
    const { L, V } = model.info.config
    expect(model.info.weights).toBe(weights)
    const state = await model.createState()
    await state.feed(tokens.slice(0, -1))
    const start = await model.counters()
    await state.feed(tokens.slice(-1))
    const end = await model.counters()
    expectClose(await state.logits(), logits, { atol })
    expect({
      dispatches: end.dispatches - start.dispatches,
      submits: end.submits - start.submits,
      created: end.created - start.created,
      bytesReadBack: end.bytesReadBack - start.bytesReadBack,
    }).toEqual({ dispatches: dispatchesALayer * L + 3, submits: 1, created: 0, bytesReadBack: V * 4 })
    await model.dispose()
  })
