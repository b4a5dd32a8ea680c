import { expect, test } from 'vitest'
import { fuzz } from './fuzz.ts'

test('20,000 mutations of model files are read or give a RwkvError, each in less than a second', {
  timeout: 120_000,
}, async () => {
  const { outcomes } = await fuzz({ runs: 20_000 })
  // A fuzz that always fails at the same gate tests nothing.
  expect(Object.keys(outcomes)).toHaveLength(11)
  for (const [target, found] of Object.entries(outcomes)) {
    expect([target, Object.keys(found).length > 1, 'read' in found]).toEqual([target, true, true])
  }
})
