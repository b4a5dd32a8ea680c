/** @file Wrapper of `shaders/store-shift.wgsl`: shift rows of entries with several tokens go into the state. */

import stepCode from '../../shaders/shared/step.wgsl?raw'
import code from '../../shaders/store-shift.wgsl?raw'
import type { DispatchSpec } from '../gpu/dispatch-list.ts'
import { type ShiftMix, shiftRow } from './shift-mix.ts'

/** state[slot, layer, shift] <- carry[entry]; left out of steps in which every entry has one token. */
export function storeShift(options: Omit<ShiftMix, 'mixes' | 'rows' | 'x' | 'normMix' | 'mixed'>): DispatchSpec {
  const { preset, C, R, layer, shift, entries, state, carry } = options
  return {
    label: `store-shift ${layer} ${shift}`,
    source: {
      label: 'store-shift',
      parts: [
        { name: 'shared/step.wgsl', code: stepCode },
        { name: 'store-shift.wgsl', code },
      ],
      bindings: ['uniform', 'read', 'read', 'read_write'],
      constants: { WORKGROUP: preset.channelWorkgroup },
    },
    params: [state.layer, shiftRow[shift], C, state.layers, R],
    bindings: [entries, carry, state.buffer],
    grid: (shape) => [Math.ceil(C / 4 / preset.channelWorkgroup), shape.rows > shape.entries ? shape.entries : 0, 1],
  }
}
