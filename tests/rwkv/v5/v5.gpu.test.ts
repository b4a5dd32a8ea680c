import { test } from 'vitest'
import { expectDecodeCost } from '../../tools/decode-cost.ts'
import { goldenFolder56 } from '../../tools/golden.ts'

test('a token of RWKV-5 costs 7 dispatches a layer, and 32 tokens and one say what the set says', () =>
  expectDecodeCost(goldenFolder56, { model: 'fiveone64.F32', dispatchesALayer: 7, weights: 'f32' }))
