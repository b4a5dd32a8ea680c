/** @file Made-up models of RWKV-5 and 6 on any backend, against the oracle. */

import { expect } from 'vitest'
import type { Owned } from '../../src/core/dispose.ts'
import type { ModelConfig } from '../../src/core/protocol.ts'
import type { Checkpoint } from '../../src/file/checkpoint.ts'
import type { RunningModel } from '../../src/forward/backend.ts'
import type { WeightCodec } from '../../src/kernels/weight-codec.ts'
import { createSeededCheckpoint } from '../../src/model/seeded-checkpoint.ts'
import { tensorsOf } from '../../src/rwkv/tensors.ts'
import { createOracleModel, mostProbable, type OracleState } from '../oracle/oracle-model.ts'
import { expectClose } from '../tools/closeness.ts'
import { rounded } from '../tools/dequantize.ts'

/** Runs a checkpoint, with room for four states; whoever called disposes it. */
export type Run = (checkpoint: Checkpoint) => Promise<RunningModel & Owned>

const near = { atol: 1e-3, rtol: 1e-3 }
const sizes = { L: 2, C: 256, F: 776, V: 264 } as const
const prompt = Array.from({ length: 19 }, (_, i) => (i * 97 + 3) % sizes.V)

/** Sizes by the names of the versions; heads of any size. */
export const versions: readonly (readonly [name: string, config: Omit<ModelConfig, 'headSize'>])[] = [
  ['6', { ...sizes, version: 6, ranks: { mix: 24, decay: 40 } }], // no powers of two
  ['5.2', { ...sizes, version: 5, minor: 2 }],
  ['5.1', { ...sizes, version: 5, minor: 1 }],
  ['5.0', { ...sizes, version: 5, minor: 0 }],
]

/** What a state with heads holds, as it lies in a pool: f32 (L, R, C). */
const rowsOf = (state: OracleState) =>
  state.flatMap((layer) => ('s' in layer ? [...layer.attX, ...layer.ffnX, ...layer.s] : []))

/** A prompt at once, the same token by token and among others, then greedy ids: all as the oracle has it. */
export async function expectOracle(run: Run, config: ModelConfig, codec: WeightCodec = 'f32'): Promise<void> {
  const checkpoint = createSeededCheckpoint(tensorsOf(config), 5)
  const oracle = await createOracleModel(codec === 'q8' || codec === 'q4' ? rounded(checkpoint, codec) : checkpoint)
  const { forward, pool, dispose } = await run(checkpoint)
  const [whole, single, among, other] = await Promise.all([0, 1, 2, 3].map(() => pool.allocate()))
  const known = oracle.createState()
  let expected = oracle.feed(known, prompt)
  let [logits] = await forward.step([{ slot: whole, ids: prompt, outputs: 'last' }])
  expectClose(logits, expected, near)
  expectClose(await pool.read(whole), rowsOf(known), near)
  for (const id of prompt) [logits] = await forward.step([{ slot: single, ids: [id], outputs: 'last' }])
  expectClose(logits, expected, near)
  await forward.step([{ slot: among, ids: prompt.slice(0, 7), outputs: 'none' }])
  const batch = [
    { slot: other, ids: prompt.toReversed(), outputs: 'none' },
    { slot: among, ids: prompt.slice(7), outputs: 'last' },
  ] as const
  ;[logits] = await forward.step(batch)
  expectClose(logits, expected, near)
  for (let i = 0; i < 8; i++) {
    const id = mostProbable(expected)
    expect(mostProbable(logits)).toBe(id)
    ;[logits] = await forward.step([{ slot: whole, ids: [id], outputs: 'last' }])
    expected = oracle.feed(known, [id])
  }
  dispose()
}

/** What a trace finds in each layer is what the oracle shows. */
export async function expectTrace(run: Run, config: ModelConfig): Promise<void> {
  const checkpoint = createSeededCheckpoint(tensorsOf(config), 5)
  const oracle = await createOracleModel(checkpoint)
  const seen = new Map<string, number[]>()
  oracle.feed(oracle.createState(), prompt, (layer, name, value) => {
    seen.set(`${layer} ${name}`, [...(seen.get(`${layer} ${name}`) ?? []), ...value])
  })
  const { forward, pool, dispose } = await run(checkpoint)
  const entry = { slot: await pool.allocate(), ids: prompt, outputs: 'last' } as const
  const { layers } = await forward.trace(entry, { layers: [0, 1], of: ['x', 'r', 'k', 'v', 'wkv'] })
  layers.forEach((traced, layer) => {
    for (const [name, value] of traced)
      expectClose(value, seen.get(`${layer} ${name === 'wkv' ? 'y' : name}`) ?? [], near)
  })
  expect(layers.map(({ size }) => size)).toEqual([5, 5])
  dispose()
}
