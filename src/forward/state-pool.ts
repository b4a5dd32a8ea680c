/**
 * @file The state pool: slots of (L, R, C) f32. A session, a mark, a member of a batch is a slot; forking and rewinding are
 * copies between slots. The pool grows by doubling up to its budget. It is one buffer, or where that would be more than a
 * kernel can bind, as many as it takes: each has some of the layers of every slot, so that a kernel finds all slots in one.
 */

import { createOwner, type Owned } from '../core/dispose.ts'
import { isRwkvError, RwkvError } from '../core/errors.ts'
import { createTurns, type Turns } from '../core/turns.ts'
import { type Buffer, createBuffer, createReadback } from '../gpu/buffer.ts'
import { defaultLimits, type Gpu } from '../gpu/device.ts'
import { type Copy, submit } from '../gpu/recorder.ts'
import type { LayerState } from '../kernels/layer-state.ts'

/** Slots of equal size. The creator disposes it. */
export interface StatePool extends Owned {
  /** Bytes of one state. */
  readonly stateByteLength: number
  /**
   * A slot holding the initial state, or what is in slot `from`. Grows the pool if needed.
   * @throws RwkvError `session/state-budget`, also where there is no memory for more.
   */
  allocate(from?: number): Promise<number>
  /** Give a slot back. */
  release(slot: number): void
  /** Put the initial state into a slot. */
  reset(slot: number): void
  /** Copy one slot over another, where they are. */
  copy(from: number, to: number): void
  /** f32 (L, R, C): a slot's state. */
  read(slot: number): Promise<Float32Array<ArrayBuffer>>
  /** Replace a slot's state by f32 (L, R, C). */
  write(slot: number, state: Float32Array<ArrayBuffer>): void
  /** As that of the forward pass. While it is lost `read` waits, and nothing else does. */
  readonly device?: { readonly lost: AbortSignal }
}

/** On the GPU. */
export interface GpuStatePool extends StatePool {
  /** Where kernels find the states of a layer: in another buffer after the pool has grown, which `onGrow` tells. */
  layer(layer: number): LayerState
  /** What `copy` does, to be submitted with something else. */
  copiesOf(from: number, to: number): readonly Copy[]
}

/** What `createStatePool` takes. */
export interface StatePoolOptions {
  /** f32 (L, R, C): what a fresh slot holds; its length is the length of every state. */
  readonly initial: Float32Array<ArrayBuffer>
  /** L. */
  readonly layers: number
  readonly slots: number
  /** Bytes the pool may grow to; default 128 MiB. */
  readonly budgetByteLength?: number
  /** Bytes that a kernel can bind; default: what WebGPU gives every device. A layer of each state must fit. */
  readonly bindingByteLength?: number
  /** Shared with the forward pass: growth waits for the step under way and holds up the next. */
  readonly turns: Turns
  /** Binds everything that was bound to the old buffers anew. */
  readonly onGrow: () => Promise<void>
}

/** A pool with `slots` free slots. */
export function createStatePool(gpu: Gpu, options: StatePoolOptions): GpuStatePool {
  const { initial, layers, turns, onGrow, budgetByteLength = defaultLimits.maxStorageBufferBindingSize } = options
  const { bindingByteLength = defaultLimits.maxStorageBufferBindingSize } = options
  const stateByteLength = initial.byteLength
  const most = Math.min(
    Math.floor(budgetByteLength / stateByteLength),
    Math.floor(bindingByteLength / (stateByteLength / layers)),
  )
  const layersEach = layersInBuffer({ layers, most, layerByteLength: stateByteLength / layers, bindingByteLength })
  const partByteLength = (stateByteLength / layers) * layersEach
  const free: number[] = []
  let slots = 0
  let buffers = create(Math.min(options.slots, most))
  admit(Math.min(options.slots, most))
  // Copying within one buffer is not allowed, so a copy takes a step over `via`.
  const via = createBuffer(gpu, { label: 'state copy', byteLength: stateByteLength, use: 'storage' })
  const readback = createReadback(gpu, { label: 'state readback', byteLength: stateByteLength })
  const reads = createTurns()
  let isDisposed = false
  const disposeBuffers = () => {
    for (const buffer of buffers) buffer.dispose()
  }

  function create(count: number): readonly Buffer[] {
    return Array.from({ length: layers / layersEach }, (_, part) =>
      createBuffer(gpu, {
        label: `state pool of ${count}, layers from ${part * layersEach}`,
        byteLength: count * partByteLength,
        use: 'storage',
      }),
    )
  }

  /** From now on there are `count` slots. */
  function admit(count: number): void {
    for (let slot = count - 1; slot >= slots; slot--) free.push(slot)
    slots = count
  }

  const copyAll = (label: string, copies: readonly Copy[]) =>
    submit(gpu, { label, dispatches: [], shape: { rows: 0, entries: 0, outputs: 0 }, copies })

  /** To twice as many slots, once all of it is sure to have memory; else everything stays where it is. */
  async function grow(): Promise<void> {
    gpu.check() // its model may have gone while this waited for its turn
    if (free.length > 0) return
    if (slots >= most) throw poolFull(slots, stateByteLength)
    const old = buffers
    const count = Math.min(slots * 2, most)
    const byteLength = slots * partByteLength
    const made = createOwner()
    try {
      const grown = await gpu.scoped(`${count} states`, () => create(count).map(made.own))
      copyAll(
        'grow state pool',
        old.map((from, part) => ({ from, fromOffset: 0, to: grown[part] as Buffer, toOffset: 0, byteLength })),
      )
      buffers = grown
      await onGrow()
    } catch (error) {
      buffers = old
      made.dispose()
      if (isDisposed) disposeBuffers() // it was disposed when the others were in their place
      throw isRwkvError(error, 'gpu/out-of-memory') ? new RwkvError('session/state-budget', error.message) : error
    }
    admit(count)
    for (const buffer of old) buffer.dispose()
  }

  /** Copies of a slot to or from a buffer that holds one state. */
  const copiesFrom = (slot: number, to: Buffer): Copy[] =>
    buffers.map((from, part) => ({
      ...{ from, fromOffset: slot * partByteLength },
      ...{ to, toOffset: part * partByteLength },
      byteLength: partByteLength,
    }))
  const copiesTo = (slot: number, from: Buffer): Copy[] =>
    buffers.map((to, part) => ({
      ...{ from, fromOffset: part * partByteLength },
      ...{ to, toOffset: slot * partByteLength },
      byteLength: partByteLength,
    }))
  const copiesOf = (from: number, to: number) => [...copiesFrom(from, via), ...copiesTo(to, via)]
  const copy = (from: number, to: number) => copyAll('copy state', copiesOf(from, to))
  const write = (slot: number, state: Float32Array<ArrayBuffer>) => {
    gpu.check()
    const length = partByteLength / 4
    buffers.forEach((buffer, part) => {
      gpu.device.queue.writeBuffer(buffer.gpu, slot * partByteLength, state, part * length, length)
    })
  }
  return {
    layer: (layer) => ({
      buffer: buffers[Math.floor(layer / layersEach)] as Buffer,
      layers: layersEach,
      layer: layer % layersEach,
    }),
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
        copyAll('read state', copiesFrom(slot, readback.buffer))
        return new Float32Array(await readback.read(stateByteLength))
      }),
    write,
    dispose() {
      isDisposed = true
      readback.dispose()
      via.dispose()
      disposeBuffers()
    },
  }
}

/** What to throw where all of `slots` slots are taken, and there may be no more. */
export function poolFull(slots: number, stateByteLength: number): RwkvError {
  return new RwkvError(
    'session/state-budget',
    `All ${slots} states of this model are in use (${stateByteLength} bytes each, budget ${slots * stateByteLength} bytes). Dispose sessions that are no longer needed.`,
  )
}

/**
 * How many layers lie in one buffer: as many as a kernel can bind with `most` slots, and the same in each. So small states
 * lie in one, which a slot is copied out of in one go.
 */
function layersInBuffer({
  layers,
  most,
  layerByteLength,
  bindingByteLength,
}: {
  layers: number
  most: number
  layerByteLength: number
  bindingByteLength: number
}): number {
  const fits = Math.max(1, Math.floor(bindingByteLength / layerByteLength / most))
  let each = Math.min(layers, fits)
  while (layers % each !== 0) each -= 1
  return each
}
