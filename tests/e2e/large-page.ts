/** @file The page of `large-7.e2e.ts`: loads a model in the shipped worker and says what it goes on with. */

import type { LoadOptions, Model } from '../../src/core/protocol.ts'
import { loadModel } from '../../src/index.ts'

/** What a load came to. */
export interface Opened {
  readonly fromStore: boolean
  readonly loadMs: number
}

let model: Model | undefined

/** Load `source`, or where it is null the files that were chosen. */
async function open(source: string | null, options: LoadOptions = {}): Promise<Opened> {
  const start = performance.now()
  let fromStore = false
  const chosen = Array.from(document.querySelector('input')?.files ?? [])
  model = await loadModel(source ?? chosen, {
    device: 'webgpu',
    ...options,
    onProgress(progress) {
      fromStore = progress.fromStore
    },
  })
  return { fromStore, loadMs: performance.now() - start }
}

/** The most probable ids after `prompt`; after that the model is gone. */
async function greedy(prompt: readonly number[]): Promise<readonly number[]> {
  if (!model) throw new Error('no model is open')
  const state = await model.createState()
  const ids: number[] = []
  await state.feed(prompt)
  for (;;) {
    const logits = await state.logits()
    ids.push(logits.reduce((best, value, id) => (value > (logits[best] ?? 0) ? id : best), 0))
    if (ids.length === 8) break
    await state.feed(ids.slice(-1))
  }
  await model.dispose()
  return ids
}

Object.assign(globalThis, { openModel: open, greedy })
document.title = 'ready'
