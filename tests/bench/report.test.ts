import { describe, expect, test } from 'vitest'
import { plotOf } from './plot.ts'
import { reportOf, tableOf } from './report.ts'
import type { Found } from './run-plan.ts'

const cost = (cpuMs: number) => ({ cpuMs, wallMs: cpuMs / 2 })
const found: Found = {
  adapter: { vendor: 'a <vendor>', architecture: 'soft', description: '', isFallback: true, features: [], limits: {} },
  token: { stepGB: 0.5, promptGFLOP: 0.2 },
  counters: { dispatches: 77, submits: 1, created: 0, bytesReadBack: 4 },
  costs: {
    'streaming-1x8': [cost(500), cost(520), cost(480)],
    fma: [cost(100), cost(100), cost(100)],
    'ours-f32': [cost(400), cost(410), cost(390)],
    'ort-webgpu': [cost(20_000), cost(20_500), cost(19_500)],
    prefill: [cost(50), cost(40), cost(50)],
  },
  units: { 'streaming-1x8': 'GB', fma: 'GFLOP', 'ours-f32': 'token', 'ort-webgpu': 'token', prefill: 'token' },
  errors: { 'ours-f32': 0, 'ort-webgpu': 3e-7 },
  figures: { memoryGrowthBytes: { gpu: 0, js: 1234 }, nllQ8: 0.001 },
}
const report = reportOf(found, {
  shape: '169m',
  rounds: 3,
  versions: { chromium: '1.2.3', 'onnxruntime-web': '1.30.0' },
  load: [0.5, 2],
  commit: 'abc1234',
  tinyReadyMs: { median: 900, min: 800, max: 1000 },
})

describe('a report', () => {
  test('has what its readers look for, and survives JSON', () => {
    expect(JSON.parse(JSON.stringify(report))).toEqual(report)
    expect(Object.keys(report).toSorted()).toEqual(
      ['adapter', 'commit', 'contestants', 'counters', 'load', 'ratios', 'rounds', 'shape', 'versions'].toSorted(),
    )
    expect(report.contestants['ort-webgpu']).toEqual({
      unit: 'token',
      wallMs: { median: 10_000, min: 9750, max: 10_250 },
      cpuMs: { median: 20_000, min: 19_500, max: 20_500 },
      error: 3e-7,
    })
    expect(report.ratios).toEqual({
      streaming: { median: 0.625, min: (480 * 0.5) / 390, max: (520 * 0.5) / 410 },
      ortWebgpuOverOurs: { median: 50, min: 50, max: 50 },
      prefillOfFma: { median: 0.4, min: 0.4, max: 0.5 },
      memoryGrowthBytes: { gpu: 0, js: 1234 },
      nllQ8: 0.001,
      tinyReadyMs: { median: 900, min: 800, max: 1000 },
    })
  })

  test('as a table has a line for each contestant, ratio and counter', () => {
    const table = tableOf(report)
    for (const name of [...Object.keys(report.contestants), ...Object.keys(report.ratios)]) {
      expect(table.split('\n').filter((line) => line.startsWith(`${name} `))).toHaveLength(1)
    }
    expect(table).toMatch(/^ours-f32 +400 +390 +410 +200 +token$/m)
    expect(table).toContain('dispatches 77, submits 1, created 0, bytesReadBack 4')
  })
})

describe('a plot', () => {
  const plot = plotOf(report)
  const widths = [...plot.matchAll(/<rect x="130"[^>]* width="([\d.]+)"/g)].map(([, width]) => Number(width))

  test('has a bar for each that makes tokens, the longer the slower', () => {
    expect([...plot.matchAll(/text-anchor="end">([^<]+)</g)].map(([, name]) => name)).toEqual([
      'ours-f32',
      'ort-webgpu',
      'prefill',
    ])
    const [ours, ort, prefill] = widths
    expect(ort).toBeGreaterThan(ours)
    expect(ours).toBeGreaterThan(prefill)
    expect(prefill).toBeGreaterThan(0)
  })

  test('is XML: tags are closed, names are escaped', () => {
    expect(plot).not.toContain('<vendor>')
    expect(plot).not.toMatch(/NaN|Infinity|undefined/)
    const open: string[] = []
    for (const [, slash, name, end] of plot.matchAll(/<(\/?)(\w+)[^>]*?(\/?)>/g)) {
      if (slash) expect(open.pop()).toBe(name)
      else if (!end) open.push(name)
    }
    expect(open).toEqual([])
  })
})
