import { expect, test } from 'vitest'
import { createPace } from '../../src/feeder/pace.ts'

/**
 * Steps on a GPU that takes `stepMs` for each, one after the other, and of which one hears `latencyMs` later; as many under
 * way as the pace allows.
 */
async function run({ stepMs, latencyMs, steps = 60 }: { stepMs: number; latencyMs: number; steps?: number }) {
  let time = 0
  const pace = createPace(() => time, 8)
  const under: { at: number; heard: () => void }[] = []
  let busyUntil = 0
  const begin = () => {
    busyUntil = Math.max(busyUntil, time) + stepMs
    const done = new Promise<void>((heard) => under.push({ at: busyUntil + latencyMs, heard }))
    pace.begin(done)
  }
  const hear = async () => {
    const next = under.shift()
    time = Math.max(time, next?.at ?? 0)
    next?.heard()
    await new Promise((settle) => setImmediate(settle))
  }
  for (let begun = 0; begun < steps; begun++) {
    while (under.length >= pace.ahead) await hear()
    begin()
  }
  while (under.length > 0) await hear()
  return { ahead: pace.ahead, time }
}

test.each([
  { stepMs: 50, latencyMs: 1, least: 2, most: 2 }, // software: one that runs, one that waits
  { stepMs: 2, latencyMs: 1, least: 2, most: 3 },
  { stepMs: 2, latencyMs: 9, least: 6, most: 7 },
  { stepMs: 2, latencyMs: 90, least: 8, most: 8 },
  { stepMs: 33, latencyMs: 500, least: 3, most: 3 }, // no more than 100 ms under way
  { stepMs: 34, latencyMs: 500, least: 2, most: 2 },
  { stepMs: 60, latencyMs: 500, least: 2, most: 2 }, // but two at least
])('steps of $stepMs ms, heard of after $latencyMs: $least to $most are under way', async ({ least, most, ...gpu }) => {
  const { ahead, time } = await run(gpu)
  expect(ahead).toBeGreaterThanOrEqual(least)
  expect(ahead).toBeLessThanOrEqual(most)
  if (gpu.latencyMs < 10) expect(time).toBeLessThan(60 * gpu.stepMs * 1.2 + 4 * gpu.latencyMs) // the GPU hardly waits
})
