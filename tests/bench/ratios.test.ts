import { describe, expect, test } from 'vitest'
import { calibrating, contestantsFor, ratios, ratiosOf } from './ratios.ts'

const token = { stepGB: 0.5, promptGFLOP: 0.2 }
/** One cost a round; the wall clock tells nonsense, for it must not be looked at. */
const cpu = (...ms: number[]) => ms.map((cpuMs) => ({ cpuMs, wallMs: -1 }))

describe('ratios', () => {
  test('are taken within each round, then summarized', () => {
    const found = ratiosOf({ 'ours-q8': cpu(10, 60, 30), 'ours-f32': cpu(20, 100, 40) }, token)
    expect(found).toEqual({ q8OverF32: { median: 0.6, min: 0.5, max: 0.75 } })
  })

  test('that lack a contestant are left out', () => {
    expect(ratiosOf({ 'ours-f32': cpu(1) }, token)).toEqual({})
    expect(ratiosOf({}, token)).toEqual({})
  })

  test('streaming: bytes of a step a CPU second, of what the fastest reader of the round does', () => {
    const costs = { 'streaming-a': cpu(1000, 500), 'streaming-b': cpu(500, 1000), 'ours-f32': cpu(500, 250) }
    // the fastest reads 1 GB in 500 ms, so 0.5 GB in 250
    expect(ratiosOf(costs, token).streaming).toEqual({ median: 0.75, min: 0.5, max: 1 })
  })

  test('oneThreadOverTwo: by the clock on the wall, for two threads take no less CPU time than one', () => {
    const wall = (...ms: number[]) => ms.map((wallMs) => ({ wallMs, cpuMs: -1 }))
    const found = ratiosOf({ 'ours-q8': wall(20, 30, 40), 'two-threads-q8': wall(10, 20, 20) }, token)
    expect(found).toEqual({ oneThreadOverTwo: { median: 2, min: 1.5, max: 2 } })
  })

  test('prefillOfFma: FLOP a CPU second of a prompt, of what the FMA kernel does', () => {
    // 0.2 GFLOP a token in 50 ms, against 10 GFLOP/s
    expect(ratiosOf({ fma: cpu(100), prefill: cpu(50) }, token).prefillOfFma?.median).toBeCloseTo(0.4)
  })
})

describe('what must take part', () => {
  test('for a ratio: both sides, but not what calibrates, which always does', () => {
    expect(contestantsFor(['q8OverF32'])).toEqual(['q8OverF32', 'ours-q8', 'ours-f32'])
    expect(contestantsFor(['streaming'])).toEqual(['ours-f32'])
    expect(contestantsFor(['prefillOfFma'])).toEqual(['prefillOfFma', 'prefill'])
  })

  test('for a contestant or a figure: itself, once', () => {
    expect(contestantsFor(['ort-wasm', 'tinyReadyMs', 'ort-wasm'])).toEqual(['ort-wasm', 'tinyReadyMs'])
  })

  test.each(Object.keys(ratios))('%s can be asked for alone', (name) => {
    const costs = Object.fromEntries([...contestantsFor([name]), ...calibrating].map((one) => [one, cpu(1, 2, 3)]))
    expect(Object.keys(ratiosOf(costs, token))).toContain(name)
  })
})
