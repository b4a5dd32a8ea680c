/** @file Wrapper of `shaders/heads/wkv.wgsl`: the time-mix of RWKV-5 and 6 between its products. */

import hereCode from '../../shaders/heads/decay-here.wgsl?raw'
import readyCode from '../../shaders/heads/decay-ready.wgsl?raw'
import headCode from '../../shaders/heads/head.wgsl?raw'
import lowProductCode from '../../shaders/heads/low-product.wgsl?raw'
import unwatchedCode from '../../shaders/heads/unwatched.wgsl?raw'
import watchedCode from '../../shaders/heads/watched.wgsl?raw'
import code from '../../shaders/heads/wkv.wgsl?raw'
import stepCode from '../../shaders/shared/step.wgsl?raw'
import type { Buffer } from '../gpu/buffer.ts'
import type { DispatchSpec } from '../gpu/dispatch-list.ts'
import type { Binding } from '../gpu/recorder.ts'
import type { LayerState } from './layer-state.ts'
import type { SecondHalves } from './low-rank-out.ts'
import type { Preset } from './preset.ts'
import { weightParts } from './weight-codec.ts'

/** What is added to the decay: computed of first halves, f32 (N, rank); there for each token, f32 (N, C); or the same, (C). */
export type AddedDecay =
  | { readonly low: Buffer; readonly second: SecondHalves }
  | { readonly ofTokens: Buffer }
  | { readonly ofAll: Buffer }

/** What `wkvHeads` takes. */
export interface WkvHeads {
  readonly preset: Preset
  readonly C: number
  readonly layer: number
  /** Channels of a head: 16, 32, 64 or 128. */
  readonly headSize: number
  readonly hasGate: boolean
  readonly entries: Binding
  /** f32 (N, 4, C): key, value, receptance, gate. */
  readonly kvrg: Buffer
  /** f32 (2, C): scale and bias of the group norm. */
  readonly norm: Buffer
  /** f32 (2, C): decay, before what is added, and u. */
  readonly time: Buffer
  readonly decay: AddedDecay
  /** R is 2 + headSize. */
  readonly state: LayerState
  /** f32 (N, C). */
  readonly out: Buffer
  /** f32 (N, C): where y is left as it is before norm and gate, for a trace. Only without first halves. */
  readonly watched?: Buffer | undefined
}

/** From k, v, r, g to what goes into the output matrix; S of the layer moves on. */
export function wkvHeads(options: WkvHeads): DispatchSpec {
  const { preset, C, layer, headSize, hasGate, entries, kvrg, norm, time, decay, state, out, watched } = options
  const split = preset.headSplit
  const second = 'second' in decay ? decay.second : undefined
  const added = 'second' in decay ? decay.second.buffer : 'ofTokens' in decay ? decay.ofTokens : decay.ofAll
  const extra = 'low' in decay ? decay.low : watched
  return {
    label: `wkv ${layer}`,
    source: {
      label: `heads/wkv${second ? `.${second.codec}` : watched ? '.watched' : ''}`,
      parts: [
        { name: 'keys', code: `const KEYS = ${headSize / split}u;\n` },
        { name: 'shared/step.wgsl', code: stepCode },
        { name: 'heads/head.wgsl', code: headCode },
        ...(second
          ? [
              ...weightParts(second.codec),
              { name: 'heads/low-product.wgsl', code: lowProductCode },
              { name: 'heads/decay-here.wgsl', code: hereCode },
            ]
          : [{ name: 'heads/decay-ready.wgsl', code: readyCode }]),
        watched
          ? { name: 'heads/watched.wgsl', code: watchedCode }
          : { name: 'heads/unwatched.wgsl', code: unwatchedCode },
        { name: 'heads/wkv.wgsl', code },
      ],
      bindings: [
        ...(['uniform', 'read', 'read', 'read', 'read', 'read_write', 'read', 'read_write'] as const),
        ...(second ? ['read' as const] : watched ? ['read_write' as const] : []),
      ],
      constants: {
        ...{ C, L: state.layers, HEAD4: headSize / 4, SPLIT: split, LANES: (headSize / 4) * split },
        GATED: Number(hasGate),
      },
    },
    params: [state.layer, second?.ranks[0] ?? 0, 'ofTokens' in decay ? C / 4 : 0],
    bindings: [entries, added, kvrg, norm, state.buffer, time, out, ...(extra ? [extra] : [])],
    grid: (shape) => [C / headSize, shape.entries, 1],
  }
}
