import { describe, expect, test } from 'vitest'
import { stateRatio } from '../conformance/compare.ts'
import { expectClose } from '../tools/closeness.ts'
import { goldenModel } from '../tools/engine.ts'
import { fileOf, goldenFolder, readSet } from '../tools/golden.ts'
import { openOracle } from './oracle-model.ts'
import type { LayerState } from './rwkv4.ts'

const set = await readSet(goldenFolder)

describe.each(Object.keys(set.cases))('the oracle on %s', (name) => {
  const { cases, greedy } = set.cases[name]
  const opened = openOracle(goldenModel(fileOf(set, name)))

  test('gives the golden logits', async () => {
    const model = await opened
    for (const { tokens, logits } of Object.values(cases))
      expectClose(model.feed(model.createState(), tokens), logits, { atol: 1e-5 })
  })

  test('continues as the golden ids do', async () => {
    if (!greedy) throw new Error(`${name} has no greedy case`)
    const count = Math.min(greedy.safe, greedy.tokens.length)
    expect((await opened).greedy(greedy.prompt, count)).toEqual(greedy.tokens.slice(0, count))
  })
})

describe.each(Object.keys(set.cases).filter((name) => set.cases[name].state))(
  'the oracle over a text of %s',
  (name) => {
    const { state, perplexity } = set.cases[name]
    const opened = openOracle(goldenModel(fileOf(set, name)))

    test('leaves the golden state', async () => {
      if (!state) throw new Error(`${name} has no state case`)
      const model = await opened
      const layers = model.createState() as LayerState[]
      model.feed(layers, state.tokens)
      const rows = layers.map(({ attX, ffnX, aa, bb, pp }) => ({
        x_att: [...attX],
        x_ffn: [...ffnX],
        aa: [...aa],
        bb: [...bb],
        pp: [...pp],
      }))
      expect(stateRatio(state, rows)).toBeLessThanOrEqual(0.01)
    })

    test('finds the golden mean nll', async () => {
      if (!perplexity) throw new Error(`${name} has no perplexity case`)
      const model = await opened
      for (const { tokens, nll_mean } of Object.values(perplexity)) {
        const layers = model.createState()
        let sum = 0
        for (let t = 1; t < tokens.length; t++) {
          const logits = model.feed(layers, [tokens[t - 1]])
          const most = Math.max(...logits)
          sum += most + Math.log(logits.reduce((total, logit) => total + Math.exp(logit - most), 0)) - logits[tokens[t]]
        }
        expect(Math.abs(sum / (tokens.length - 1) - nll_mean)).toBeLessThan(1e-6)
      }
    })
  },
)
