/** @file Wrapper of `shaders/v4/wkv.wgsl`: the WKV recurrence of RWKV-4. */

import sigmoidCode from '../../../shaders/shared/sigmoid.wgsl?raw'
import stepCode from '../../../shaders/shared/step.wgsl?raw'
import unwatchedCode from '../../../shaders/shared/unwatched.wgsl?raw'
import watchedCode from '../../../shaders/shared/watched.wgsl?raw'
import code from '../../../shaders/v4/wkv.wgsl?raw'
import wkvStepCode from '../../../shaders/v4/wkv-step.wgsl?raw'
import type { Buffer } from '../../gpu/buffer.ts'
import type { DispatchSpec } from '../../gpu/dispatch-list.ts'
import type { Binding } from '../../gpu/recorder.ts'
import type { LayerState } from '../../kernels/layer-state.ts'
import type { Preset } from '../../kernels/preset.ts'

/** What `wkv` takes. */
export interface Wkv {
  readonly preset: Preset
  readonly C: number
  readonly layer: number
  readonly entries: Binding
  /** f32 (N, 3, C): key, value, receptance before the sigmoid. */
  readonly kvr: Buffer
  /** f32 (2, C): u = time_first, w = -exp(time_decay). */
  readonly time: Buffer
  readonly state: LayerState
  /** f32 (N, C). */
  readonly out: Buffer
  /** f32 (N, C): where wkv is left as it is before the receptance, for a trace. */
  readonly watched?: Buffer | undefined
}

/** out = sigmoid(r) ⊙ wkv(k, v), and aa, bb, pp move on. */
export function wkv({ preset, C, layer, entries, kvr, time, state, out, watched }: Wkv): DispatchSpec {
  return {
    label: `wkv ${layer}`,
    source: {
      label: watched ? 'v4/wkv.watched' : 'v4/wkv',
      parts: [
        { name: 'shared/step.wgsl', code: stepCode },
        { name: 'shared/sigmoid.wgsl', code: sigmoidCode },
        { name: 'v4/wkv-step.wgsl', code: wkvStepCode },
        watched
          ? { name: 'shared/watched.wgsl', code: watchedCode }
          : { name: 'shared/unwatched.wgsl', code: unwatchedCode },
        { name: 'v4/wkv.wgsl', code },
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
      constants: { WORKGROUP: preset.channelWorkgroup },
    },
    params: [state.layer, C, state.layers],
    bindings: [entries, kvr, time, state.buffer, out, ...(watched ? [watched] : [])],
    grid: (shape) => [Math.ceil(C / preset.channelWorkgroup), shape.entries, 1],
  }
}
