/**
 * @file What is measured on: the built-in model, or made-up weights in the shape of RWKV-4 169M. Either is behind an
 * address, and all contestants get the same bytes from there.
 */

import { openUrl } from '../../src/file/byte-source.ts'
import { type Checkpoint, openCheckpoint } from '../../src/file/checkpoint.ts'
import { seededCheckpoint } from '../tools/seeded.ts'
import { serveCheckpoint } from './serve-checkpoint.ts'

/** Names of shapes. */
export type Shape = 'tiny' | '169m'

/** Where a model is. */
export interface Workload {
  /** For `Engine.loadModel`. */
  readonly url: string
  readonly fetch: typeof globalThis.fetch
  /** The same weights for whoever wants them one by one. */
  readonly checkpoint: () => Promise<Checkpoint>
}

const SEED = 7

/** The workload of a shape; its `fetch` knows all other addresses too. @param models URL of the folder of built-in models */
export function workloadOf(shape: Shape, models: string): Workload {
  if (shape === '169m') {
    const checkpoint = seededCheckpoint({ L: 12, C: 768, F: 3072, V: 50_277 }, SEED)
    const served = serveCheckpoint(checkpoint)
    return {
      url: served.url,
      fetch: (...args) => (String(args[0]).startsWith(served.url) ? served.fetch(...args) : fetch(...args)),
      checkpoint: async () => checkpoint,
    }
  }
  const url = `${models}storyteller/`
  const checkpoint = async () => openCheckpoint(await openUrl({ url: `${url}model.safetensors`, fetch }))
  return { url, fetch, checkpoint }
}

/** The id of a step, the same for all contestants. */
export function idOfStep(step: number, V: number): number {
  return (step * 7919 + 1) % V
}
