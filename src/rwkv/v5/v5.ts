/**
 * @file RWKV-5 (5.0, 5.1, 5.2), from top to bottom. Source: arXiv 2404.05892 (Eagle); the whole of it in float64:
 * tests/oracle/rwkv5.ts.
 *
 *   x = LN(emb[id]; ln0);   for each layer: x += time-mix(x), x += channel-mix(x);   logits = head · LN(x; lnOut)
 */

import { architecture } from '../../forward/architecture.ts'
import { channelMix } from '../shared/channel-mix.ts'
import { inspectorWithHalfLife } from '../shared/inspect.ts'
import { checkHeadSize } from '../shared/sizes.ts'
import { state } from '../shared/state.ts'
import { worldFamily } from '../shared/world.ts'
import { known } from './known-answers.ts'
import { type Scratch, scratch } from './scratch.ts'
import { tensors } from './tensors.ts'
import { timeMix } from './time-mix.ts'
import { wasm } from './wasm.ts'
import { type Weights, weights } from './weights.ts'

/** As the runtime takes it. */
export const v5 = architecture<Weights, Scratch>({
  version: 5,
  isMark: ({ name }) => /^blocks\.\d+\.att\.time_mix_g$/.test(name), // 5.0 is told by what all later versions have
  config(sizes, shapeOf, isThere) {
    const by = 'blocks.0.att.time_decay'
    const shape = shapeOf(by)
    const isOfChannels = shape.reduce((product, size) => product * size, 1) === sizes.C
    const minor = isOfChannels ? 2 : isThere('blocks.0.att.gate.weight') ? 1 : 0
    const headSize = isOfChannels ? (shape.at(-1) ?? 0) : sizes.C / (shape.find((size) => size !== 1) ?? 1)
    checkHeadSize(5, headSize, { C: sizes.C, by })
    return { version: 5, ...sizes, headSize, minor }
  },
  tuned: { tensor: 'att.time_state', row: 's' },
  families: [worldFamily(/world|rwkv-?5|x05\d/i)],
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
  inspector: inspectorWithHalfLife({ decay: 'att.time_decay', halfLifeAt: (decay) => Math.LN2 / Math.exp(decay) }),
  known,
})
