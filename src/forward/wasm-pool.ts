/**
 * @file The state pool in WebAssembly: slots of (L, R, C) f32, one behind the other at the end of the model's memory, so that
 * the pool grows where it is.
 */

import type { Address } from '../wasm/kernels.ts'
import type { ModelMemory } from '../wasm/memory.ts'
import type { StateSizes } from './backend.ts'
import { poolFull, type StatePool } from './state-pool.ts'

/** Slots at addresses. It goes with its memory. */
export interface WasmStatePool extends Omit<StatePool, 'dispose'> {
  addressOf(slot: number): Address
}

const DEFAULT_BUDGET = 128 * 1024 * 1024

/** A pool with `slots` free slots; nothing else may be allocated after it. `check` throws once its model has gone. */
export function createWasmPool(
  memory: ModelMemory,
  {
    initial,
    slots: first,
    budgetByteLength = DEFAULT_BUDGET,
    check,
  }: StateSizes & {
    readonly initial: Float32Array<ArrayBuffer>
    readonly check: () => void
  },
): WasmStatePool {
  const stateByteLength = initial.byteLength
  const most = Math.floor(budgetByteLength / stateByteLength)
  const stride = Math.ceil(stateByteLength / 64) * 64
  const free: number[] = []
  let slots = 0
  const start = memory.allocate(0)

  function grow(count: number): void {
    memory.allocate((count - slots) * stride)
    for (let slot = count - 1; slot >= slots; slot--) free.push(slot)
    slots = count
  }
  grow(Math.min(first, most))

  const addressOf = (slot: number) => start + slot * stride
  const rows = (slot: number) => memory.floats(addressOf(slot), initial.length)
  const copy = (from: number, to: number) => {
    check()
    rows(to).set(rows(from))
  }
  const write = (slot: number, state: Float32Array) => {
    check()
    rows(slot).set(state)
  }
  return {
    addressOf,
    stateByteLength,
    async allocate(from) {
      check()
      if (free.length === 0) {
        if (slots >= most) throw poolFull(slots, stateByteLength)
        grow(Math.min(slots * 2, most))
      }
      const slot = free.pop() as number
      if (from === undefined) write(slot, initial)
      else copy(from, slot)
      return slot
    },
    release(slot) {
      free.push(slot)
    },
    reset: (slot) => write(slot, initial),
    copy,
    async read(slot) {
      check()
      return rows(slot).slice()
    },
    write,
  }
}
