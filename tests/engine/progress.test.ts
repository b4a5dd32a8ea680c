import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { LoadProgress } from '../../src/core/protocol.ts'
import { createProgress } from '../../src/engine/progress.ts'

const collect = () => {
  const seen: LoadProgress[] = []
  let at = 0
  const reporter = createProgress({ onProgress: (progress) => seen.push(progress), now: () => at })
  return {
    seen,
    reporter,
    step: (ms: number, loaded: number, total = 1000) => {
      at += ms
      reporter.report({ phase: 'download', file: 'f', loaded, total })
    },
  }
}

test('whatever is reported, nobody sees it fall, and the end is always seen', () => {
  const steps = fc.array(fc.tuple(fc.nat(200), fc.nat(999)))
  const law = fc.property(steps, (list) => {
    const { seen, step } = collect()
    for (const [ms, loaded] of list) step(ms, loaded)
    step(0, 1000)
    expect(seen.map(({ loaded }) => loaded)).toEqual(seen.map(({ loaded }) => loaded).sort((a, b) => a - b))
    expect(seen.at(-1)?.loaded).toBe(1000)
  })
  fc.assert(law)
})

test('speed and remaining time are those of the last seconds: what was slow or fast before does not count', () => {
  for (const [before, now] of [
    [1, 100],
    [100, 1],
  ] as const) {
    const { seen, step } = collect()
    let loaded = 0
    const go = (count: number, bytes: number) => {
      for (let i = 0; i < count; i++) {
        loaded += bytes
        step(100, loaded, 100_000)
      }
    }
    go(100, before)
    go(50, now) // 5 seconds
    expect(seen.at(-1)).toMatchObject({ loaded, bytesPerSecond: now * 10 })
    expect(seen.at(-1)?.etaMs).toBeCloseTo(((100_000 - loaded) / (now * 10)) * 1000, 3)
  }
})

test('hundreds of steps in a moment are a few reports', () => {
  const { seen, step } = collect()
  for (let i = 0; i < 500; i++) step(1, i)
  expect(seen.length).toBeLessThan(15)
})

test('a notice goes out once, and the network is remembered', () => {
  const { seen, reporter, step } = collect()
  step(100, 1)
  reporter.notice('no room')
  reporter.notice('no room')
  reporter.sawNetwork()
  step(100, 2)
  step(100, 3)
  expect(seen.map(({ notice }) => notice)).toEqual([undefined, 'no room', undefined])
  expect(seen.map(({ fromStore }) => fromStore)).toEqual([true, false, false])
})
