import { test } from 'vitest'
import { runInWasm } from '../tools/run-in-wasm.ts'
import { expectTrace, versions } from './expect-oracle.ts'

test.each(versions)('a trace of RWKV-%s in WebAssembly: x, r, k, v and what the heads say', (_, config) =>
  expectTrace(runInWasm, { ...config, headSize: 64 }),
)
