/** @file Wrapper of `shaders/wkv-v4.wgsl`: the WKV recurrence of RWKV-4. */

import sigmoidCode from '../../shaders/shared/sigmoid.wgsl?raw'
import stepCode from '../../shaders/shared/step.wgsl?raw'
import unwatchedCode from '../../shaders/shared/unwatched.wgsl?raw'
import watchedCode from '../../shaders/shared/watched.wgsl?raw'
import wkvStepCode from '../../shaders/shared/wkv-step-v4.wgsl?raw'
import code from '../../shaders/wkv-v4.wgsl?raw'
import type { Buffer } from '../gpu/buffer.ts'
import type { DispatchSpec } from '../gpu/dispatch-list.ts'
import type { Binding } from '../gpu/recorder.ts'
import type { Preset } from './preset.ts'

/** What `wkvV4` takes. */
export interface WkvV4 {
  readonly preset: Preset
  readonly C: number
  readonly L: number
  readonly layer: number
  readonly entries: Binding
  /** f32 (N, 3, C): key, value, receptance before the sigmoid. */
  readonly kvr: Buffer
  /** f32 (2, C): u = time_first, w = -exp(time_decay). */
  readonly time: Buffer
  /** f32 (slot, L, 5, C). */
  readonly state: Buffer
  /** f32 (N, C). */
  readonly out: Buffer
  /** f32 (N, C): where wkv is left as it is before the receptance, for a trace. */
  readonly watched?: Buffer | undefined
}

/** What the dispatch of a layer is called, for a trace to find it. */
export const wkvLabel = (layer: number): string => `wkv ${layer}`

/** out = sigmoid(r) ⊙ wkv(k, v), and aa, bb, pp move on. */
export function wkvV4({ preset, C, L, layer, entries, kvr, time, state, out, watched }: WkvV4): DispatchSpec {
  return {
    label: wkvLabel(layer),
    source: {
      label: watched ? 'wkv-v4.watched' : 'wkv-v4',
      parts: [
        { name: 'shared/step.wgsl', code: stepCode },
        { name: 'shared/sigmoid.wgsl', code: sigmoidCode },
        { name: 'shared/wkv-step-v4.wgsl', code: wkvStepCode },
        watched
          ? { name: 'shared/watched.wgsl', code: watchedCode }
          : { name: 'shared/unwatched.wgsl', code: unwatchedCode },
        { name: 'wkv-v4.wgsl', code },
      ],
      bindings: [
        'uniform',
        'read',
        'read',
        'read',
        'read_write',
        'read_write',
        ...(watched ? ['read_write' as const] : []),
      ],
      constants: { C, L, WORKGROUP: preset.channelWorkgroup },
    },
    params: [layer],
    bindings: [entries, kvr, time, state, out, ...(watched ? [watched] : [])],
    grid: (shape) => [Math.ceil(C / preset.channelWorkgroup), shape.entries, 1],
  }
}
