/** @file A memory of WebAssembly for tests of kernels. */

import { type Address, binaries } from '../../src/wasm/kernels.ts'
import { createModelMemory, type ModelMemory } from '../../src/wasm/memory.ts'

/** A memory with what tests need to fill and to read it. */
export interface TestMemory extends ModelMemory {
  put(values: Float32Array | Uint8Array): Address
}

const { plain } = await binaries(false)

/** A memory with the kernels without relaxed SIMD, which node 20 lacks. */
export function testMemory(): TestMemory {
  const memory = createModelMemory(
    { module: new WebAssembly.Module(plain), isRelaxed: false, isShared: false },
    () => {},
  )
  return {
    ...memory,
    put(values) {
      const at = memory.allocate(values.byteLength)
      memory.bytes(at, values.byteLength).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
      return at
    },
  }
}
