import { open } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { openCheckpoint, readTensor } from '../../src/file/checkpoint.ts'
import { expectClose } from '../tools/closeness.ts'
import { fileOf, goldenFolder7, readSet } from '../tools/golden.ts'
import { mostProbable } from './oracle-model.ts'
import type { Vector } from './rwkv4.ts'
import { createOracleState7, forward7, type LayerState7 } from './rwkv7.ts'

const set = await readSet(goldenFolder7)

/** Every tensor of a golden file, by its name. */
async function readWeights(file: string): Promise<ReadonlyMap<string, Vector>> {
  const handle = await open(`${goldenFolder7}/models/${file}`)
  const { size } = await handle.stat()
  const checkpoint = await openCheckpoint({
    name: file,
    byteLength: size,
    read: async (offset, byteLength) => (await handle.read(new Uint8Array(byteLength), 0, byteLength, offset)).buffer,
  })
  const weights = new Map<string, Vector>()
  for (const name of checkpoint.tensors.keys()) weights.set(name, await readTensor(checkpoint, name))
  await handle.close()
  return weights
}

/** A golden model computed by the oracle. */
async function openModel(name: string) {
  const { L, D } = set.cases[name]
  const weights = await readWeights(fileOf(set, name))
  const sizes = { L, D, N: 64 }
  const vector = (tensor: string): Vector => {
    const found = weights.get(tensor)
    if (!found) throw new Error(`no tensor ${tensor}`)
    return found
  }
  const feed = (state: LayerState7[], ids: readonly number[]) =>
    ids.reduce<Float64Array>(
      (_, id, i) => forward7(vector, sizes, state, id, { wantLogits: i === ids.length - 1 }),
      new Float64Array(0),
    )
  return { createState: () => createOracleState7(sizes), feed }
}

const names = Object.keys(set.cases).filter((name) => /\.(pth|safetensors)$/.test(fileOf(set, name))) // by official names

describe.each(names)('the oracle of RWKV-7 on %s', async (name) => {
  const { cases, greedy } = set.cases[name]
  const { createState, feed } = await openModel(name)

  test('gives the golden logits', () => {
    for (const { tokens, logits } of Object.values(cases))
      expectClose(feed(createState(), tokens), logits, { atol: 2e-5 })
  })

  test('continues as the golden ids do', () => {
    if (!greedy) throw new Error(`${name} has no greedy case`)
    const state = createState()
    let logits = feed(state, greedy.prompt)
    const chosen = greedy.tokens.slice(0, greedy.safe).map(() => {
      const id = mostProbable(logits)
      logits = feed(state, [id])
      return id
    })
    expect(chosen).toEqual(greedy.tokens.slice(0, greedy.safe))
  })
})

test.each(names.filter((name) => set.cases[name].state))(
  'the oracle of RWKV-7 leaves the golden state of %s',
  async (name) => {
    const { createState, feed } = await openModel(name)
    const golden = set.cases[name].state
    const state = createState()
    feed(state, golden?.tokens ?? [])
    state.forEach(({ attX, ffnX, s }, layer) => {
      const rows = golden?.layers[layer] ?? {}
      expectClose(attX, rows.x_att, { atol: 1e-5 })
      expectClose(ffnX, rows.x_ffn, { atol: 1e-5 })
      expectClose(s, rows.s, { atol: 2e-5 })
    })
  },
)
