/** @file Wrapper of `shaders/shift-mix.wgsl`: layer norm, token shift and mix. */

import shiftedCode from '../../shaders/shared/shifted.wgsl?raw'
import stepCode from '../../shaders/shared/step.wgsl?raw'
import sumCode from '../../shaders/shared/sum.wgsl?raw'
import code from '../../shaders/shift-mix.wgsl?raw'
import type { Buffer } from '../gpu/buffer.ts'
import type { DispatchSpec } from '../gpu/dispatch-list.ts'
import type { KernelSource } from '../gpu/kernel.ts'
import type { Binding } from '../gpu/recorder.ts'
import type { LayerState } from './layer-state.ts'
import type { Preset } from './preset.ts'

/** Place of a shift row among the rows of a layer's state. */
export const shiftRow = { attX: 0, ffnX: 1 } as const

/** What `shiftMix` takes. */
export interface ShiftMix {
  readonly preset: Preset
  readonly C: number
  readonly layer: number
  /** Rows of C numbers that a layer remembers. */
  readonly R: number
  readonly shift: keyof typeof shiftRow
  /** How many inputs are made. */
  readonly mixes: number
  readonly rows: Binding
  readonly entries: Binding
  /** f32 (N, C). */
  readonly x: Buffer
  /** f32 (2 + mixes, C): LN scale, LN bias, mixes. */
  readonly normMix: Buffer
  readonly state: LayerState
  /** f32 (B, C): shift rows of entries with several tokens, for `storeShift`. */
  readonly carry: Buffer
  /** f32 (mixes, N, C). */
  readonly mixed: Buffer
}

/** The kernel, which is the same for all models. */
export const shiftMixSource = ({ normWorkgroup }: Preset): KernelSource => ({
  label: 'shift-mix',
  parts: [
    { name: 'shared/step.wgsl', code: stepCode },
    { name: 'shared/sum.wgsl', code: sumCode },
    { name: 'shared/shifted.wgsl', code: shiftedCode },
    { name: 'shift-mix.wgsl', code },
  ],
  bindings: ['uniform', 'read', 'read', 'read', 'read', 'read_write', 'read_write', 'read_write'],
  constants: { WORKGROUP: normWorkgroup },
})

/** mixed[m] = a · mix[m] + (a of the token before) · (1 - mix[m]), a = LN(x). */
export function shiftMix(options: ShiftMix): DispatchSpec {
  const { preset, C, R, layer, shift, mixes, rows, entries, x, normMix, state, carry, mixed } = options
  return {
    label: `shift-mix ${layer} ${shift}`,
    source: shiftMixSource(preset),
    params: [state.layer, shiftRow[shift], mixes, C, state.layers, R],
    bindings: [rows, entries, x, normMix, state.buffer, carry, mixed],
    grid: (shape) => [shape.rows, 1, 1],
  }
}
