/**
 * @file The state pool: one buffer of (slot, L, R, C) f32 that every kernel binds whole. A session, a mark, a member of
 * a batch is a slot; forking and rewinding are copies between slots. The pool grows by doubling up to its budget.
 */

import { createOwner, type Owned } from '../core/dispose.ts'
import { isRwkvError, RwkvError } from '../core/errors.ts'
import { createTurns, type Turns } from '../core/turns.ts'
import { type Buffer, createBuffer, createReadback } from '../gpu/buffer.ts'
import { defaultLimits, type Gpu } from '../gpu/device.ts'
import { type Copy, submit } from '../gpu/recorder.ts'

/** Slots of equal size. The creator disposes it. */
export interface StatePool extends Owned {
  /** f32 (slots, L, R, C). Another buffer after the pool has grown: `onGrow` tells. */
  readonly buffer: Buffer
  /** Bytes of one state. */
  readonly stateByteLength: number
  /**
   * A slot holding the initial state, or what is in slot `from`. Grows the pool if needed.
   * @throws RwkvError `session/state-budget`, also where the GPU has no memory for more.
   */
  allocate(from?: number): Promise<number>
  /** Give a slot back. */
  release(slot: number): void
  /** Put the initial state into a slot. */
  reset(slot: number): void
  /** Copy one slot over another, on the GPU. */
  copy(from: number, to: number): void
  /** What `copy` does, to be submitted with something else. */
  copiesOf(from: number, to: number): readonly Copy[]
  /** f32 (L, R, C): a slot's state. */
  read(slot: number): Promise<Float32Array<ArrayBuffer>>
  /** Replace a slot's state by f32 (L, R, C). */
  write(slot: number, state: Float32Array<ArrayBuffer>): void
}

/** What `createStatePool` takes. */
export interface StatePoolOptions {
  /** f32 (L, R, C): what a fresh slot holds; its length is the length of every state. */
  readonly initial: Float32Array<ArrayBuffer>
  readonly slots: number
  /** Bytes the pool may grow to; at most one binding, 128 MiB. */
  readonly budgetByteLength?: number
  /** Shared with the forward pass: growth waits for the step under way and holds up the next. */
  readonly turns: Turns
  /** Binds everything that was bound to the old buffer anew. */
  readonly onGrow: () => Promise<void>
}

/** A pool with `slots` free slots. */
export function createStatePool(gpu: Gpu, options: StatePoolOptions): StatePool {
  const { initial, turns, onGrow, budgetByteLength = defaultLimits.maxStorageBufferBindingSize } = options
  const stateByteLength = initial.byteLength
  const most = Math.floor(Math.min(budgetByteLength, defaultLimits.maxStorageBufferBindingSize) / stateByteLength)
  const free: number[] = []
  let slots = 0
  let buffer = create(Math.min(options.slots, most))
  admit(Math.min(options.slots, most))
  // Copying within one buffer is not allowed, so a copy takes a step over `via`.
  const via = createBuffer(gpu, { label: 'state copy', byteLength: stateByteLength, use: 'storage' })
  const readback = createReadback(gpu, { label: 'state readback', byteLength: stateByteLength })
  const reads = createTurns()

  function create(count: number): Buffer {
    return createBuffer(gpu, {
      label: `state pool of ${count}`,
      byteLength: count * stateByteLength,
      use: 'storage',
    })
  }

  /** From now on there are `count` slots. */
  function admit(count: number): void {
    for (let slot = count - 1; slot >= slots; slot--) free.push(slot)
    slots = count
  }

  /** A buffer for `count` slots that is sure to have memory: all states are to move there. */
  async function createSurely(count: number): Promise<Buffer> {
    const made = createOwner()
    try {
      const created = await gpu.scoped(`${count} states`, () => made.own(create(count)))
      gpu.check()
      return created
    } catch (error) {
      made.dispose()
      throw isRwkvError(error, 'gpu/out-of-memory') ? new RwkvError('session/state-budget', error.message) : error
    }
  }

  const copyAll = (label: string, copies: readonly Copy[]) =>
    submit(gpu, { label, dispatches: [], shape: { rows: 0, entries: 0, outputs: 0 }, copies })

  async function grow(): Promise<void> {
    gpu.check() // its model may have gone while this waited for its turn
    if (free.length > 0) return
    if (slots >= most) {
      throw new RwkvError(
        'session/state-budget',
        `All ${slots} states of this model are in use (${stateByteLength} bytes each, budget ${most * stateByteLength} bytes). Dispose sessions that are no longer needed.`,
      )
    }
    const old = buffer
    const count = Math.min(slots * 2, most)
    buffer = await createSurely(count)
    admit(count)
    copyAll('grow state pool', [{ from: old, fromOffset: 0, to: buffer, toOffset: 0, byteLength: old.byteLength }])
    await onGrow()
    old.dispose()
  }

  const copiesOf = (from: number, to: number) => [
    { from: buffer, fromOffset: at(from), to: via, toOffset: 0, byteLength: stateByteLength },
    { from: via, fromOffset: 0, to: buffer, toOffset: at(to), byteLength: stateByteLength },
  ]
  const copy = (from: number, to: number) => copyAll('copy state', copiesOf(from, to))
  const at = (slot: number) => slot * stateByteLength
  const write = (slot: number, state: Float32Array<ArrayBuffer>) => {
    gpu.check()
    gpu.device.queue.writeBuffer(buffer.gpu, at(slot), state)
  }
  return {
    get buffer() {
      return buffer
    },
    stateByteLength,
    async allocate(from) {
      let slot = free.pop()
      while (slot === undefined) {
        await turns(grow)
        slot = free.pop()
      }
      if (from === undefined) write(slot, initial)
      else copy(from, slot)
      return slot
    },
    release(slot) {
      free.push(slot)
    },
    reset: (slot) => write(slot, initial),
    copy,
    copiesOf,
    read: (slot) =>
      reads(async () => {
        copyAll('read state', [
          { from: buffer, fromOffset: at(slot), to: readback.buffer, toOffset: 0, byteLength: stateByteLength },
        ])
        return new Float32Array(await readback.read(stateByteLength))
      }),
    write,
    dispose() {
      readback.dispose()
      via.dispose()
      buffer.dispose()
    },
  }
}
