/**
 * @file What a step is about, as the kernels read it: which token belongs to which batch entry, which slot an entry
 * continues, whose logits are wanted. One small buffer, written once a step; its sections are bound separately.
 */

import type { Owned } from '../core/dispose.ts'
import { createBuffer } from '../gpu/buffer.ts'
import type { Gpu } from '../gpu/device.ts'
import type { Binding, StepShape } from '../gpu/recorder.ts'
import { DRAW_LENGTH } from '../kernels/sample.ts'

/**
 * What a step leaves of an entry: nothing, the logits after its last token, those after every token, or an id drawn from
 * the last ones: the one at `index` in a reply.
 */
export type StepOutputs = 'none' | 'last' | 'all' | { readonly reply: number; readonly index: number }

/** One member of a batch: `ids` to feed to the state in `slot`. */
export interface StepEntry {
  readonly slot: number
  readonly ids: readonly number[]
  readonly outputs: StepOutputs
  /** A slot to copy the state to before it moves on. */
  readonly keepIn?: number | undefined
}

/** Instead of an id: the one that `reply` drew last. */
export const lastDrawnOf = (reply: number): number => LAST_DRAWN + reply
/** Whose id it is then; undefined for an id. */
export const replyDrawnLast = (id: number): number | undefined => (id < LAST_DRAWN ? undefined : id - LAST_DRAWN)
const LAST_DRAWN = 2 ** 31 // stands in shaders/gather-norm.wgsl too

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
  /** u32 (outputs): row of each output; those to draw from come last. */
  readonly outputs: Binding
  /** (draws) of { output, reply, index }, see shaders/sample.wgsl. */
  readonly draws: Binding
  /** (B) of { slot, first_row, rows }, see shaders/shared/step.wgsl. */
  readonly entries: Binding
  /** (N) of { id, entry, position }; u32s from one id to the next: `ROW_LENGTH`. */
  readonly rows: Binding
  /** Describe the next step to the GPU. */
  write(batch: readonly StepEntry[]): Required<StepShape>
}

/** u32s of a row and of an entry, see shaders/shared/step.wgsl. */
export const ROW_LENGTH = 3
const ENTRY_LENGTH = 3
const SECTION = 64 // u32s: sections begin at multiples of 256 bytes

/** A step buffer for steps within `limits`. */
export function createStepBuffer(gpu: Gpu, limits: StepLimits): StepBuffer {
  const { rows, entries, outputs } = limits
  const sections = [1, 1, outputs, outputs * DRAW_LENGTH, entries * ENTRY_LENGTH, rows * ROW_LENGTH] as const
  const starts: number[] = []
  let length = 0
  for (const section of sections) {
    starts.push(length)
    length += Math.ceil(section / SECTION) * SECTION
  }
  const [rowCountAt = 0, outputCountAt = 0, outputsAt = 0, drawsAt = 0, entriesAt = 0, rowsAt = 0] = starts
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
    outputs: section(outputsAt, outputs),
    draws: section(drawsAt, outputs * DRAW_LENGTH),
    entries: section(entriesAt, entries * ENTRY_LENGTH),
    rows: section(rowsAt, rows * ROW_LENGTH),
    write(batch) {
      let row = 0
      const read: number[] = [] // rows whose logits are wanted
      const drawnFrom: number[] = []
      batch.forEach(({ slot, ids, outputs: wanted }, entry) => {
        values.set([slot, row, ids.length], entriesAt + entry * ENTRY_LENGTH)
        ids.forEach((id, position) => {
          values.set([id, entry, position], rowsAt + (row + position) * ROW_LENGTH)
          if (wanted === 'all') read.push(row + position)
        })
        row += ids.length
        if (wanted === 'last') read.push(row - 1)
        if (typeof wanted === 'object') drawnFrom.push(row - 1)
      })
      const draws = batch.flatMap(({ outputs }) => (typeof outputs === 'object' ? [outputs] : []))
      draws.forEach(({ reply, index }, i) => {
        values.set([read.length + i, reply, index], drawsAt + i * DRAW_LENGTH)
      })
      const shape = { rows: row, entries: batch.length, outputs: read.length + draws.length, draws: draws.length }
      values.set([...read, ...drawnFrom], outputsAt)
      values[rowCountAt] = shape.rows
      values[outputCountAt] = shape.outputs
      gpu.device.queue.writeBuffer(buffer.gpu, 0, values, 0, rowsAt + shape.rows * ROW_LENGTH)
      return shape
    },
    dispose: () => buffer.dispose(),
  }
}
