/** @file As `cost.test.ts`, for all of the formats of unbounded cost. */

import { describe, expect, test } from 'vitest'
import { MOST_STATE_STEPS, SLICE_STEPS } from '../../src/grammar/cost.ts'
import { costlyFormats, prepared } from '../tools/costly-formats.ts'

describe('formats of unbounded cost', () => {
  test('there are 200 of them', () => expect(costlyFormats.length).toBeGreaterThanOrEqual(200))

  test.each(costlyFormats)('$name: its slices are short, and it is ready or refused by name', ({ format }) => {
    const { longest, error } = prepared(format)
    if (error) expect(error).toMatchObject({ name: 'RwkvError', code: 'option/invalid' })
    expect(longest).toBeLessThan(SLICE_STEPS + 5 * MOST_STATE_STEPS)
  })
})
