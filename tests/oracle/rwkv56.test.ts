import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { stateRatio } from '../conformance/compare.ts'
import { expectClose } from '../tools/closeness.ts'
import { fileOf, goldenFolder56, readSet } from '../tools/golden.ts'
import { openOracle } from './oracle-model.ts'
import type { LayerState5 } from './rwkv5.ts'

const set = await readSet(goldenFolder56)
const open = (name: string) => openOracle(`${pathToFileURL(goldenFolder56).href}/models/${fileOf(set, name)}`)

describe.each(Object.keys(set.cases))('the oracle on %s', (name) => {
  const { cases, greedy } = set.cases[name]
  const opened = open(name)

  test('gives the golden logits', async () => {
    const model = await opened
    for (const { tokens, logits } of Object.values(cases))
      expectClose(model.feed(model.createState(), tokens), logits, { atol: 2e-5 })
  })

  test('continues as the golden ids do', async () => {
    if (!greedy) throw new Error(`${name} has no greedy case`)
    const ids = greedy.tokens.slice(0, greedy.safe)
    expect((await opened).greedy(greedy.prompt, ids.length)).toEqual(ids)
  })
})

test.each(Object.keys(set.cases).filter((name) => set.cases[name].state))(
  'the oracle leaves the golden state of %s',
  async (name) => {
    const { state } = set.cases[name]
    if (!state) throw new Error(`${name} has no state case`)
    const model = await open(name)
    const layers = model.createState() as LayerState5[]
    model.feed(layers, state.tokens)
    const rows = layers.map(({ attX, ffnX, s }) => ({ x_att: [...attX], x_ffn: [...ffnX], s: [...s] }))
    expect(stateRatio(state, rows)).toBeLessThanOrEqual(0.02)
  },
)
