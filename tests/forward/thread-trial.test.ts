import { expect, test } from 'vitest'
import { createThreadTrial, type ThreadTrial } from '../../src/forward/thread-trial.ts'

/** Numbers of threads of the next steps, each of which takes what `msOf` says of it. */
const run = (trial: ThreadTrial, steps: number, msOf: (threads: number) => number) =>
  Array.from({ length: steps }, () => {
    const threads = trial.next()
    trial.took(msOf(threads))
    return threads
  })

const scaling = (threads: number) => 12 / threads

test('each number is tried in turn, three times, and then what was fastest is used', () => {
  const trial = createThreadTrial(6)
  expect(run(trial, 12, scaling)).toEqual([1, 2, 4, 6, 1, 2, 4, 6, 1, 2, 4, 6])
  expect(new Set(run(trial, 200, scaling))).toEqual(new Set([6]))
})

test.each<[string, (threads: number) => number, number]>([
  ['a thread more that gains next to nothing is not taken', (threads) => (threads < 4 ? 12 / threads : 5.9), 2],
  ['where more are slower, one computes', (threads) => threads, 1],
])('%s', (_, msOf, expected) => {
  const trial = createThreadTrial(6)
  run(trial, 12, msOf)
  expect(trial.next()).toBe(expected)
})

test('a single slow step says nothing', () => {
  let step = 0
  const trial = createThreadTrial(6)
  run(trial, 12, (threads) => (step++ === 7 ? 100 : scaling(threads))) // one of those with six
  expect(trial.next()).toBe(6)
})

test('it is tried again, for others come and go', () => {
  const trial = createThreadTrial(2)
  run(trial, 6, scaling)
  expect(trial.next()).toBe(2)
  const later = run(trial, 300, (threads) => threads)
  expect(later.indexOf(1)).toBeGreaterThan(200)
  expect(later.at(-1)).toBe(1)
})

test('one thread is all there is to it', () => {
  expect(new Set(run(createThreadTrial(1), 20, scaling))).toEqual(new Set([1]))
})
