/**
 * @file What is measured on: the built-in model, or made-up weights in the shape of RWKV-4 169M or RWKV-7 0.1B. Each is behind
 * an address, and all contestants get the same bytes from there.
 */

import type { LowRanks, ModelConfig } from '../../src/core/protocol.ts'
import { openUrl } from '../../src/file/byte-source.ts'
import { type Checkpoint, openCheckpoint } from '../../src/file/checkpoint.ts'
import { createSeededCheckpoint } from '../../src/model/seeded-checkpoint.ts'
import { tensorsOf } from '../../src/rwkv/tensors.ts'
import { serveCheckpoint } from './serve-checkpoint.ts'

const v7 = (L: number, C: number, V: number, ranks: LowRanks): ModelConfig => ({
  version: 7,
  L,
  C,
  F: 4 * C,
  V,
  headSize: 64,
  ranks,
})

/** Made-up models by the names of their shapes; each is fed by itself, so a state comes to place 20,000 on a small one. */
const seeded = {
  '169m': { version: 4, L: 12, C: 768, F: 3072, V: 50_277 },
  '0.1b': v7(12, 768, 65_536, { v: 32, w: 64, a: 64, g: 128 }),
  '0.1b-small': v7(6, 192, 4096, { v: 8, w: 16, a: 16, g: 32 }),
} as const satisfies Readonly<Record<string, ModelConfig>>

/** Names of shapes. */
export type Shape = 'tiny' | '169m' | '0.1b'

/** Whether that is one. */
export const isShape = (name: string): name is Shape => ['tiny', '169m', '0.1b'].includes(name)

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
  if (shape !== 'tiny') return seededWorkload(shape)
  const url = `${models}storyteller/`
  const checkpoint = async () => openCheckpoint(await openUrl({ url: `${url}model.safetensors`, fetch }))
  return { url, fetch, checkpoint }
}

/** A small model of the same version, for what takes many tokens. */
export const smallOf = (shape: Shape, models: string): Workload =>
  shape === '0.1b' ? seededWorkload('0.1b-small') : workloadOf('tiny', models)

function seededWorkload(name: keyof typeof seeded): Workload {
  const config = seeded[name]
  const checkpoint = createSeededCheckpoint(tensorsOf(config), SEED)
  const served = serveCheckpoint(checkpoint, { name, version: config.version })
  return {
    url: served.url,
    fetch: (...args) => (String(args[0]).startsWith(served.url) ? served.fetch(...args) : fetch(...args)),
    checkpoint: async () => checkpoint,
  }
}

/** The id of a step, the same for all contestants. */
export function idOfStep(step: number, V: number): number {
  return (step * 7919 + 1) % V
}
