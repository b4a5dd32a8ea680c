import { expect, test } from 'vitest'
import { openReader, readMemory } from './read-memory.ts'
import { compileReadProbe } from './read-probe.mjs'

test('the probe reads all that it says', { timeout: 60_000 }, async () => {
  const probe = await compileReadProbe()
  const read = await openReader(probe)
  const [alone, two] = readMemory(read, async () => read())
  expect(alone?.units).toBe((64 * 1024 * 1024) / 1e9)
  await Promise.all([alone?.run(), two?.run()])

  const memory = new WebAssembly.Memory({ initial: 1 })
  const { instance } = await WebAssembly.instantiate(probe, { env: { memory } })
  const readFrom = instance.exports.read as (from: number, to: number) => number
  const values = Uint32Array.from({ length: 48 }, (_, i) => (i * 2654435761) >>> 0)
  new Uint32Array(memory.buffer, 64).set(values)
  const bits = (numbers: Uint32Array) => numbers.reduce((all, value) => all ^ value, 0)
  expect(readFrom(64, 64 + 48 * 4)).toBe(bits(values))
  expect(readFrom(128, 128 + 16 * 4)).toBe(bits(values.subarray(16, 32)))
})
