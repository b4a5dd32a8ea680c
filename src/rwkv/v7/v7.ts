/**
 * @file RWKV-7, from top to bottom. Source: arXiv 2503.14456; the whole of it in float64: tests/oracle/rwkv7.ts.
 *
 *   x = LN(emb[id]; ln0);   for each layer: x += time-mix(x), x += channel-mix(x);   logits = head · LN(x; lnOut)
 */

import { architecture } from '../../forward/architecture.ts'
import { checkHeadSize, checkRanks } from '../shared/sizes.ts'
import { state } from '../shared/state.ts'
import { channelMix } from './channel-mix.ts'
import { inspectorWithBounds } from './decay.ts'
import { families } from './families.ts'
import { known } from './known-answers.ts'
import { type Scratch, scratch } from './scratch.ts'
import { tensors } from './tensors.ts'
import { timeMix } from './time-mix.ts'
import { wasm } from './wasm.ts'
import { type Weights, weights } from './weights.ts'

/** As the runtime takes it. */
export const v7 = architecture<Weights, Scratch>({
  version: 7,
  isMark: ({ name }) => /^blocks\.\d+\.att\.(r_k|k_k|k_a|[wav][012]|x_[rwkvag])$/.test(name),
  config(sizes, shapeOf) {
    const [, headSize = 0] = shapeOf('blocks.0.att.r_k')
    const rank = (name: string) => shapeOf(name)[1] ?? 0
    const [w, a, g] = (['w1', 'a1', 'g1'] as const).map((name) => rank(`blocks.0.att.${name}`)) as [
      number,
      number,
      number,
    ]
    const v = sizes.L > 1 ? rank('blocks.1.att.v1') : 0 // layer 0 has none that is read
    checkRanks(7, [v, w, a, g])
    checkHeadSize(7, headSize, { C: sizes.C, by: 'blocks.0.att.r_k' })
    return { version: 7, ...sizes, headSize, ranks: { v, w, a, g } }
  },
  lowRank: {
    pattern: /\.att\.[wavg][12]$/,
    telling: ['blocks.0.att.w1', 'blocks.0.att.a1', 'blocks.1.att.v1'],
  },
  tuned: { tensor: 'att.time_state', row: 's' },
  families,
  tensors,
  state,
  weights,
  scratch,
  layer: (parts) => [...timeMix(parts), ...channelMix(parts)],
  wasm,
  traced: {
    x: { from: 'x', part: 0, parts: 1 },
    r: { from: 'rkv', part: 0, parts: 3 },
    k: { from: 'rkv', part: 1, parts: 3 },
    v: { from: 'rkv', part: 2, parts: 3 },
    wkv: { from: 'watched', part: 0, parts: 1 },
  },
  inspector: inspectorWithBounds,
  known,
})
