/**
 * @file RWKV-6, from top to bottom. Source: arXiv 2404.05892 (Finch); the whole of it in float64: tests/oracle/rwkv6.ts.
 *
 *   x = LN(emb[id]; ln0);   for each layer: x += time-mix(x), x += channel-mix(x);   logits = head · LN(x; lnOut)
 */

import { architecture } from '../../forward/architecture.ts'
import { channelMix } from '../shared/channel-mix.ts'
import { inspectorWithBounds } from '../shared/inspect.ts'
import { checkHeadSize, checkRanks } from '../shared/sizes.ts'
import { state } from '../shared/state.ts'
import { worldFamily } from '../shared/world.ts'
import { known } from './known-answers.ts'
import { type Scratch, scratch } from './scratch.ts'
import { INPUTS, tensors } from './tensors.ts'
import { timeMix } from './time-mix.ts'
import { wasm } from './wasm.ts'
import { type Weights, weights } from './weights.ts'

/** As the runtime takes it. */
export const v6 = architecture<Weights, Scratch>({
  version: 6,
  isMark: ({ name }) => /^blocks\.\d+\.((att|ffn)\.time_maa_|att\.time_decay_w[12]$)/.test(name),
  config(sizes, shapeOf) {
    const columns = (name: string) => shapeOf(`blocks.0.att.${name}`).at(-1) ?? 0
    const ranks = { mix: columns('time_maa_w1') / INPUTS.length, decay: columns('time_decay_w1') }
    const headSize = columns('time_faaaa')
    checkRanks(6, [ranks.mix, ranks.decay])
    checkHeadSize(6, headSize, { C: sizes.C, by: 'blocks.0.att.time_faaaa' })
    return { version: 6, ...sizes, headSize, ranks }
  },
  tuned: { tensor: 'att.time_state', row: 's' },
  families: [worldFamily(/world|rwkv-?6|x060/i)],
  tensors,
  state,
  weights,
  scratch,
  layer: (parts) => [...timeMix(parts), ...channelMix(parts)],
  wasm,
  traced: {
    x: { from: 'x', part: 0, parts: 1 },
    k: { from: 'kvrg', part: 0, parts: 4 },
    v: { from: 'kvrg', part: 1, parts: 4 },
    r: { from: 'kvrg', part: 2, parts: 4 },
    wkv: { from: 'watched', part: 0, parts: 1 },
  },
  // d = exp(-exp(decay)): half is left after n tokens where n · exp(decay) = ln 2
  inspector: inspectorWithBounds({
    base: 'att.time_decay',
    second: 'att.time_decay_w2',
    halfLifeAt: (decay) => Math.LN2 / Math.exp(decay),
  }),
  known,
})
