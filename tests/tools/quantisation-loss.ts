/** @file What it costs to quantise a model. */

import { expect } from 'vitest'
import type { LoadOptions } from '../../src/core/protocol.ts'
import { matrixFormat, weightByteLength } from '../../src/core/tensor-spec.ts'
import { tensorsOf } from '../../src/rwkv/tensors.ts'
import { storyteller, withEngine } from './engine.ts'

/** How much worse models in a format predict a text than in f32, in nats a token; and the memory they take. */
export async function lossOf(source: string, text: string | readonly number[], formats: readonly ('q8' | 'q4')[]) {
  const results: { format: string; loss: number; bytes: number; needed: number }[] = []
  await withEngine(async (engine) => {
    const nll = async (weights: NonNullable<LoadOptions['weights']>) => {
      const model = await engine.loadModel(source, { weights })
      const { nllPerToken } = await model.evaluate(text)
      const { info } = model
      await model.dispose()
      expect(info.weights).toBe(weights)
      return { nllPerToken, info }
    }
    const full = await nll('f32')
    for (const format of formats) {
      const { nllPerToken, info } = await nll(format)
      const stored = source === storyteller ? 'f16' : 'f32'
      const needed = weightByteLength(tensorsOf(info.config), (spec) => matrixFormat(format, spec, stored))
      results.push({ format, loss: nllPerToken - full.nllPerToken, bytes: info.weightByteLength, needed })
    }
  })
  return results
}
