/** @file What formats may cost, in steps: see `core/slices.ts`. */

import { RwkvError } from '../core/errors.ts'
import { createMeter, type Meter } from '../core/slices.ts'

/** Of a slice: some milliseconds. */
export const SLICE_STEPS = 20_000
/** Of one state of an automaton, which is made in one go. */
export const MOST_STATE_STEPS = 40_000

/** The error for what costs too much. */
export const tooLarge = (what: string) =>
  new RwkvError('option/invalid', `The format is too large: ${what}. Make it simpler.`)

/** For turning a format into rules and making these ready. */
export const meterOfFormat = (): Meter =>
  createMeter({
    most: 1_500_000,
    slice: SLICE_STEPS,
    refuse: () => tooLarge('reading it takes more steps than are bearable'),
  })

/** For finding what may come next. */
export const meterOfMask = (): Meter =>
  createMeter({
    most: 3_000_000,
    slice: SLICE_STEPS,
    refuse: () => tooLarge('finding what may come next takes more steps than are bearable'),
  })
