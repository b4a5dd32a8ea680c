import { test } from 'vitest'
import { expectDecodeCost } from '../../tools/decode-cost.ts'
import { goldenFolder56 } from '../../tools/golden.ts'

test('a token of RWKV-6 costs 9 dispatches a layer, and 32 tokens and one say what the set says', () =>
  expectDecodeCost(goldenFolder56, { model: 'six128.GGUF_Q8_0', dispatchesALayer: 9, weights: 'q8' }))
