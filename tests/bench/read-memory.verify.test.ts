import { expect, test } from 'vitest'
import { createReadMemory } from './read-memory.ts'
import { compileReadProbe } from './read-probe.mjs'

test('the probe reads all that it says', { timeout: 60_000 }, async () => {
  const probe = await compileReadProbe()
  const { units, run } = await createReadMemory(probe)
  expect(units * 1e9).toBe(64 * 1024 * 1024)
  await run()

  const memory = new WebAssembly.Memory({ initial: 1 })
  const { instance } = await WebAssembly.instantiate(probe, { env: { memory } })
  const read = instance.exports.read as (from: number, to: number) => number
  const values = Uint32Array.from({ length: 48 }, (_, i) => (i * 2654435761) >>> 0)
  new Uint32Array(memory.buffer, 64).set(values)
  const bits = (numbers: Uint32Array) => numbers.reduce((all, value) => all ^ value, 0)
  expect(read(64, 64 + 48 * 4)).toBe(bits(values))
  expect(read(128, 128 + 16 * 4)).toBe(bits(values.subarray(16, 32)))
})
