/**
 * @file What a step is about, as the kernels read it: which token belongs to which batch entry, which slot an entry
 * continues, whose logits are wanted. One small buffer, written once a step; its sections are bound separately.
 */

import type { Owned } from '../core/dispose.ts'
import { createBuffer } from '../gpu/buffer.ts'
import type { Gpu } from '../gpu/device.ts'
import type { Binding, StepShape } from '../gpu/recorder.ts'

/** Which logits of an entry a step leaves: none, those after its last token, or those after every token. */
export type StepOutputs = 'none' | 'last' | 'all'

/** One member of a batch: `ids` to feed to the state in `slot`. */
export interface StepEntry {
  readonly slot: number
  readonly ids: readonly number[]
  readonly outputs: StepOutputs
}

/** Most that one step takes. */
export interface StepLimits {
  /** N: token rows of all entries together. */
  readonly rows: number
  /** B. */
  readonly entries: number
  /** Rows whose logits are wanted. */
  readonly outputs: number
}

/** The buffer and its sections. The creator disposes it. */
export interface StepBuffer extends Owned {
  /** Uniform: N. */
  readonly rowCount: Binding
  /** Uniform: number of outputs. */
  readonly outputCount: Binding
  /** u32 (outputs): row of each output. */
  readonly outputs: Binding
  /** (B) of { slot, first_row, rows }, see shaders/shared/step.wgsl. */
  readonly entries: Binding
  /** (N) of { id, entry, position }; u32s from one id to the next: `ROW_LENGTH`. */
  readonly rows: Binding
  /** Describe the next step to the GPU. */
  write(batch: readonly StepEntry[]): StepShape
}

/** u32s of a row and of an entry, see shaders/shared/step.wgsl. */
export const ROW_LENGTH = 3
const ENTRY_LENGTH = 3
const SECTION = 64 // u32s: sections begin at multiples of 256 bytes

/** A step buffer for steps within `limits`. */
export function createStepBuffer(gpu: Gpu, limits: StepLimits): StepBuffer {
  const sections = [1, 1, limits.outputs, limits.entries * ENTRY_LENGTH, limits.rows * ROW_LENGTH] as const
  const starts: number[] = []
  let length = 0
  for (const section of sections) {
    starts.push(length)
    length += Math.ceil(section / SECTION) * SECTION
  }
  const [rowCountAt = 0, outputCountAt = 0, outputsAt = 0, entriesAt = 0, rowsAt = 0] = starts
  const buffer = createBuffer(gpu, { label: 'step', byteLength: length * 4, use: 'step' })
  const values = new Uint32Array(length)
  const section = (start: number, u32s: number): Binding => ({
    buffer,
    offset: start * 4,
    byteLength: Math.ceil(u32s / 4) * 16,
  })

  return {
    rowCount: section(rowCountAt, 1),
    outputCount: section(outputCountAt, 1),
    outputs: section(outputsAt, limits.outputs),
    entries: section(entriesAt, limits.entries * ENTRY_LENGTH),
    rows: section(rowsAt, limits.rows * ROW_LENGTH),
    write(batch) {
      let rows = 0
      let outputs = 0
      batch.forEach(({ slot, ids, outputs: wanted }, entry) => {
        values.set([slot, rows, ids.length], entriesAt + entry * ENTRY_LENGTH)
        ids.forEach((id, position) => {
          values.set([id, entry, position], rowsAt + rows * ROW_LENGTH)
          if (wanted === 'all' || (wanted === 'last' && position === ids.length - 1)) {
            values[outputsAt + outputs] = rows
            outputs += 1
          }
          rows += 1
        })
      })
      values[rowCountAt] = rows
      values[outputCountAt] = outputs
      gpu.device.queue.writeBuffer(buffer.gpu, 0, values, 0, rowsAt + rows * ROW_LENGTH)
      return { rows, entries: batch.length, outputs }
    },
    dispose: () => buffer.dispose(),
  }
}
