/** @file The oracle over a checkpoint on disk or made up. */

import { open } from 'node:fs/promises'
import type { ModelConfig } from '../../src/core/protocol.ts'
import type { ByteSource } from '../../src/file/byte-source.ts'
import { type Checkpoint, openCheckpoint, type TensorEntry } from '../../src/file/checkpoint.ts'
import { decodeFloats } from '../../src/file/tensor.ts'
import { inferConfig } from '../../src/model/config.ts'
import type { ModelVersion } from '../../src/model/version.ts'
import { tensors as tensors4 } from '../../src/rwkv/v4/tensors.ts'
import { tensors as tensors5 } from '../../src/rwkv/v5/tensors.ts'
import { tensors as tensors6 } from '../../src/rwkv/v6/tensors.ts'
import { tensors as tensors7 } from '../../src/rwkv/v7/tensors.ts'
import { createOracleState, forward, type Vector, type Watch, type Weights } from './rwkv4.ts'
import { createOracleState5, forward5 } from './rwkv5.ts'
import { forward6 } from './rwkv6.ts'
import { createOracleState7, forward7 } from './rwkv7.ts'

/** What a checkpoint may be. Not the engine's own list, which loads shaders: tests in Playwright cannot. */
const versions: readonly ModelVersion[] = [
  { version: 4, isMark: () => false, config: (sizes) => ({ version: 4, ...sizes }), families: [], tensors: tensors4 },
  {
    version: 5,
    isMark: () => false, // told by what all later versions have
    config(sizes, shapeOf, isThere) {
      const [H, N] = shapeOf('blocks.0.att.time_decay')
      const minor = N ? 2 : isThere('blocks.0.att.gate.weight') ? 1 : 0
      return { version: 5, ...sizes, headSize: N ?? sizes.C / H, minor }
    },
    families: [],
    tensors: tensors5,
  },
  {
    version: 6,
    isMark: ({ name }) => name.endsWith('.att.time_maa_x'),
    config(sizes, shapeOf) {
      const [first, decay, u] = ['maa_w1', 'decay_w1', 'faaaa'].map((name) => shapeOf(`blocks.0.att.time_${name}`)[1])
      return { version: 6, ...sizes, headSize: u, ranks: { mix: first / 5, decay } }
    },
    families: [],
    tensors: tensors6,
  },
  {
    version: 7,
    isMark: ({ name }) => name.endsWith('.att.r_k'),
    config(sizes, shapeOf) {
      const [v, w, a, g] = ['blocks.1.att.v1', ...['w1', 'a1', 'g1'].map((name) => `blocks.0.att.${name}`)].map(
        (name) => shapeOf(name)[1],
      )
      return { version: 7, ...sizes, headSize: shapeOf('blocks.0.att.r_k')[1], ranks: { v, w, a, g } }
    },
    families: [],
    tensors: tensors7,
  },
]

/** What a model of any version remembers: its version's layers. */
export type OracleState =
  | ReturnType<typeof createOracleState>
  | ReturnType<typeof createOracleState5>
  | ReturnType<typeof createOracleState7>

/** A model computed by the oracle. */
export interface OracleModel {
  readonly config: ModelConfig
  createState(): OracleState
  /** Feed `ids`; the logits (V) after the last. */
  feed(state: OracleState, ids: readonly number[], watch?: Watch): Float64Array
  /** `count` ids, each the most probable after all before it. */
  greedy(ids: readonly number[], count: number): number[]
}

/** The id with the greatest logit, the lowest of equal ones. */
export function mostProbable(logits: Vector): number {
  let best = 0
  for (let id = 1; id < logits.length; id++) if (logits[id] > logits[best]) best = id
  return best
}

/** Read every tensor of `checkpoint`. */
export async function createOracleModel(checkpoint: Checkpoint): Promise<OracleModel> {
  const { config, tensors } = inferConfig(checkpoint, versions)
  const values = new Map<string, Vector>()
  for (const [name, entry] of tensors) values.set(name, await officialValues(checkpoint, entry))
  const weights = (name: string): Vector => {
    const found = values.get(name)
    if (!found) throw new Error(`no tensor ${name}`)
    return found
  }
  const { create, step } = versionOf(config)
  const feed = (state: OracleState, ids: readonly number[], watch?: Watch) => {
    let logits: Float64Array = new Float64Array(0)
    ids.forEach((id, i) => {
      logits = step(weights, state, id, { wantLogits: i === ids.length - 1, watch })
    })
    return logits
  }
  return {
    config,
    createState: create,
    feed,
    greedy(ids, count) {
      const state = create()
      const chosen: number[] = []
      let logits = feed(state, ids)
      while (chosen.length < count) {
        const id = mostProbable(logits)
        chosen.push(id)
        logits = feed(state, [id])
      }
      return chosen
    },
  }
}

/** The values of a tensor as it is officially, row after row. */
async function officialValues(checkpoint: Checkpoint, entry: TensorEntry): Promise<Vector> {
  const stored = decodeFloats(await checkpoint.read(entry, 0, entry.byteLength), entry.dtype)
  if (entry.isLogarithm) return stored.map(Math.exp)
  if (!entry.isTurned) return stored
  const [rows, columns] = entry.shape.slice(-2)
  return stored.map((_, i) => {
    const at = i % (rows * columns)
    return stored[i - at + (at % columns) * rows + Math.floor(at / columns)]
  })
}

/** The state and the step of a model's version. */
function versionOf(config: ModelConfig): {
  create: () => OracleState
  step: (w: Weights, state: OracleState, id: number, options: Parameters<typeof forward>[4]) => Float64Array
} {
  if (config.version === 4) {
    return {
      create: () => createOracleState(config),
      step: (w, state, id, options) => forward(w, config, state as ReturnType<typeof createOracleState>, id, options),
    }
  }
  const sizes = { L: config.L, D: config.C, N: config.headSize ?? 0, hasGate: config.minor !== 0 }
  if (config.version !== 7) {
    const forwardOf = config.version === 6 ? forward6 : forward5
    return {
      create: () => createOracleState5(sizes),
      step: (w, state, id, options) => forwardOf(w, sizes, state as ReturnType<typeof createOracleState5>, id, options),
    }
  }
  return {
    create: () => createOracleState7(sizes),
    step: (w, state, id, options) => forward7(w, sizes, state as ReturnType<typeof createOracleState7>, id, options),
  }
}

/** The oracle over a safetensors file: URL. */
export async function openOracle(url: string): Promise<OracleModel> {
  const file = await open(new URL(url))
  const { size } = await file.stat()
  const source: ByteSource = {
    name: url,
    byteLength: size,
    read: async (offset, byteLength) => (await file.read(new Uint8Array(byteLength), 0, byteLength, offset)).buffer,
  }
  const model = await createOracleModel(await openCheckpoint(source))
  await file.close()
  return model
}
