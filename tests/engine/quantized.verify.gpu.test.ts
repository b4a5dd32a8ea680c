import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { storyteller } from '../tools/engine.ts'
import { lossOf } from '../tools/quantisation-loss.ts'

// A shortened text: over the whole of it see DECISIONS.md.
test('storyteller predicts stories in q8 within 0.005 nats of f32, in q4 within 0.03, in the memory said beforehand', {
  timeout: 300_000,
}, async () => {
  const text = await readFile(new URL('heldout.txt', storyteller), 'utf8')
  const [q8, q4] = await lossOf(storyteller, text.slice(0, 600), ['q8', 'q4'])
  expect(q8.loss).toBeLessThan(0.005)
  expect(q4.loss).toBeLessThan(0.03)
  for (const { bytes, needed } of [q8, q4]) expect(Math.abs(bytes - needed)).toBeLessThan(0.001 * needed) // padding
  expect(q4.bytes).toBeLessThan(q8.bytes)
})
