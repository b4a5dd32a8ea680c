import { expect, test } from 'vitest'
import { binaries } from '../../src/wasm/kernels.ts'
import { compileWasm } from '../tools/build-wasm.mjs'

test('src/wasm/binary.ts holds what shaders/wasm/ compiles to', { timeout: 60_000 }, async () => {
  const [found, compiled] = [await binaries(true), await compileWasm()]
  expect(Buffer.from(found.plain).equals(compiled.plain)).toBe(true)
  expect(Buffer.from(found.relaxed).equals(compiled.relaxed)).toBe(true)
})
