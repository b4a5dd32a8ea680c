/** @file Wrapper of `shaders/sample.wgsl`: ids drawn from rows of logits. */

import code from '../../shaders/sample.wgsl?raw'
import massCode from '../../shaders/shared/mass.wgsl?raw'
import randomCode from '../../shaders/shared/random.wgsl?raw'
import type { Buffer } from '../gpu/buffer.ts'
import type { DispatchSpec } from '../gpu/dispatch-list.ts'
import type { KernelSource } from '../gpu/kernel.ts'
import type { Binding } from '../gpu/recorder.ts'
import type { Preset } from './preset.ts'

/** u32s of a draw: the row of its logits, its reply, its place in that. */
export const DRAW_LENGTH = 3
/** u32s and f32s of a reply's rules, in the order of the shader's struct. */
export const RULES_LENGTH = 12
/** u32s of a reply's mask: a bit an id. */
export const maskLength = (V: number): number => Math.ceil(V / 32)
/** What is drawn where nothing can be. */
export const NOTHING = 0xffffffff
/** Flags of what else is drawn in place of an id, see `readDrawn`. */
const INFINITE = 0xc0000000
const NOT_A_NUMBER = 0x80000000

/** What `sample` takes. R: replies that can be drawn for. */
export interface Sample {
  readonly preset: Preset
  readonly V: number
  readonly replies: number
  /** Biases that a reply can have. */
  readonly mostBiases: number
  /** u32 (draws, 3). */
  readonly draws: Binding
  /** u32 and f32 (R, 12). */
  readonly rules: Buffer
  /** u32 (R, maskLength(V)): bit id % 32 of word id / 32 says whether the id may be drawn. */
  readonly masks: Buffer
  /** (R, mostBiases) of { id: u32, bias: f32 }. */
  readonly biases: Buffer
  /** f32 (O, V rounded up to 4); spoiled where a draw is made. */
  readonly logits: Buffer
  /** u32 (R, V): how often a reply has drawn an id, in the shader's own form. */
  readonly counts: Buffer
  /** u32 (R) and behind it (draws): the id that each reply drew last, and what each draw of this step gave. */
  readonly drawn: Buffer
}

/** The kernel, which is the same for all models. */
export const sampleSource = ({ sampleWorkgroup }: Preset): KernelSource => ({
  label: 'sample',
  parts: [
    { name: 'shared/random.wgsl', code: randomCode },
    { name: 'shared/mass.wgsl', code: massCode },
    { name: 'sample.wgsl', code },
  ],
  bindings: ['uniform', 'read', 'read', 'read', 'read', 'read_write', 'read_write', 'read_write'],
  constants: { WORKGROUP: sampleWorkgroup },
})

/** One id for each draw of the step. */
export function sample(options: Sample): DispatchSpec {
  const { preset, V, replies, mostBiases, draws, rules, masks, biases, logits, counts, drawn } = options
  return {
    label: 'sample',
    source: sampleSource(preset),
    params: [V, Math.ceil(V / 4) * 4, maskLength(V), mostBiases, replies],
    bindings: [draws, rules, masks, biases, logits, counts, drawn],
    grid: ({ draws: count = 0 }) => [count, 1, 1],
  }
}

/** Read one u32 of `drawn`: the id, or the id whose logit is no number, or -1 if nothing could be drawn. */
export function readDrawn(bits: number): { readonly id: number; readonly wrong?: number } {
  if (bits < NOT_A_NUMBER) return { id: bits }
  if (bits === NOTHING) return { id: -1, wrong: -Infinity }
  return bits >= INFINITE ? { id: bits - INFINITE, wrong: Infinity } : { id: bits - NOT_A_NUMBER, wrong: Number.NaN }
}
