import { expect, test } from 'vitest'
import { contents, withGpu } from '../tools/gpu.ts'
import { createCalibration } from './calibration.ts'

test('every reader reads every value once; the multiplier multiplies and adds as often as it says', () =>
  withGpu(async (gpu) => {
    const { contestants, sums, dispose } = await createCalibration(gpu)
    const sumAfter = async (name: string) => {
      await contestants.find((contestant) => contestant.name === name)?.run()
      return contents(gpu, sums)
    }
    const readers = contestants.filter(({ unit }) => unit === 'GB')
    expect(readers).toHaveLength(3)
    for (const { name, units } of readers) {
      const invocations = (units * 1e9) / 16 / 2048
      const read = (await sumAfter(name)).subarray(0, invocations * 4).reduce((sum, value) => sum + value, 0)
      expect(read, name).toBe((units * 1e9) / 4) // of values that are all 1
    }

    // Of invocation i, while its factor rounds to 1: three times the steps, i/1e6 each, from 0, 1 and 2.
    const [multiplier] = contestants.filter(({ unit }) => unit === 'GFLOP')
    const computed = await sumAfter('fma')
    const steps = (multiplier.units * 1e9) / 4096 / 24
    expect(computed[4 * 20]).toBeCloseTo(3 + 3 * steps * 20e-6, 3)
    dispose()
  }))
