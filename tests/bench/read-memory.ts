/** @file What WebAssembly can do at best: one thread that only reads. Measured in every round. */

import type { Contestant } from './rounds.ts'

const READ_BYTES = 64 * 1024 * 1024 // more than a CPU's caches hold
const PAGE = 65_536

/** The calibrating contestant of the CPU. @param probe see read-probe.mjs */
export async function createReadMemory(probe: Uint8Array<ArrayBuffer>): Promise<Contestant> {
  const memory = new WebAssembly.Memory({ initial: READ_BYTES / PAGE })
  const values = new Uint32Array(memory.buffer)
  values.forEach((_, i) => {
    values[i] = i
  })
  const { instance } = await WebAssembly.instantiate(probe, { env: { memory } })
  const { read } = instance.exports as { readonly read: (from: number, to: number) => number }
  return {
    name: 'streaming-wasm',
    unit: 'GB',
    units: READ_BYTES / 1e9,
    async run() {
      if (read(0, READ_BYTES) !== 0) throw new Error('all bits of all numbers below a power of two must cancel out')
    },
  }
}
