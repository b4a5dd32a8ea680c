/** @file What WebAssembly can do at best: threads that only read, each a memory of its own. Measured in every round. */

import type { Contestant } from './rounds.ts'

const READ_BYTES = 64 * 1024 * 1024 // more than a CPU's caches hold
const PAGE = 65_536

/** What reads a memory once a call. @param probe see read-probe.mjs */
export async function openReader(probe: Uint8Array<ArrayBuffer>): Promise<() => void> {
  const memory = new WebAssembly.Memory({ initial: READ_BYTES / PAGE })
  const values = new Uint32Array(memory.buffer)
  values.forEach((_, i) => {
    values[i] = i
  })
  const { instance } = await WebAssembly.instantiate(probe, { env: { memory } })
  const { read } = instance.exports as { readonly read: (from: number, to: number) => number }
  return () => {
    if (read(0, READ_BYTES) !== 0) throw new Error('all bits of all numbers below a power of two must cancel out')
  }
}

/** The calibrating contestants of the CPU: this thread alone, and with another, which `other` has read. */
export function readMemory(read: () => void, other: () => Promise<void>): readonly Contestant[] {
  return [
    { name: 'streaming-wasm', unit: 'GB', units: READ_BYTES / 1e9, run: async () => read() },
    {
      name: 'reading-by-two',
      unit: 'GB',
      units: (2 * READ_BYTES) / 1e9,
      async run() {
        const done = other()
        read()
        await done
      },
    },
  ]
}
