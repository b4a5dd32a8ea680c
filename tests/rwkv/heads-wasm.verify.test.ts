import { describe, test } from 'vitest'
import { runInWasm } from '../tools/run-in-wasm.ts'
import { expectOracle, versions } from './expect-oracle.ts'

describe.each(versions)('RWKV-%s in WebAssembly is the oracle’s', (_, config) => {
  test.each([16, 32, 64, 128])('with heads of %d channels', (headSize) =>
    expectOracle(runInWasm, { ...config, headSize }),
  )

  test.each(['f16', 'bf16', 'q8', 'q4'] as const)('in %s', (codec) =>
    expectOracle((checkpoint) => runInWasm(checkpoint, { codec }), { ...config, headSize: 64 }, codec),
  )
})
