/**
 * @file RWKV-4, from top to bottom. Source: arXiv 2305.13048; the whole of it in float64: tests/oracle/rwkv4.ts.
 *
 *   x = LN(emb[id]; ln0);   for each layer: x += time-mix(x), x += channel-mix(x);   logits = head · LN(x; lnOut)
 */

import { architecture } from '../../forward/architecture.ts'
import { channelMix } from '../shared/channel-mix.ts'
import { families } from './families.ts'
import { inspector } from './inspect.ts'
import { known } from './known-answers.ts'
import { type Scratch, scratch } from './scratch.ts'
import { state } from './state.ts'
import { tensors } from './tensors.ts'
import { timeMix } from './time-mix.ts'
import { wasm } from './wasm.ts'
import { type Weights, weights } from './weights.ts'

/** As the runtime takes it. */
export const v4 = architecture<Weights, Scratch>({
  version: 4,
  // Early RWKV-5 has a time_first too, one number a head.
  isMark: ({ name, shape }, C) =>
    /^blocks\.\d+\.att\.time_first$/.test(name) && shape.reduce((product, size) => product * size, 1) === C,
  config: (sizes) => ({ version: 4, ...sizes }),
  families,
  tensors,
  state,
  weights,
  scratch,
  layer: (parts) => [...timeMix(parts), ...channelMix(parts)],
  wasm,
  traced: {
    x: { from: 'x', part: 0, parts: 1 },
    k: { from: 'kvr', part: 0, parts: 3 },
    v: { from: 'kvr', part: 1, parts: 3 },
    r: { from: 'kvr', part: 2, parts: 3 },
    wkv: { from: 'watched', part: 0, parts: 1 },
  },
  inspector,
  known,
})
