/**
 * @file The memory of one model in WebAssembly: everything it has lies in it, one thing behind the other, and goes with it.
 * It grows at its end alone, and never beyond 4 GiB.
 */

import type { Owned } from '../core/dispose.ts'
import { RwkvError } from '../core/errors.ts'
import { type Address, instantiate, type KernelModule, type Kernels } from './kernels.ts'

/** A memory. The creator disposes it; the browser takes it back once nothing holds its kernels either. */
export interface ModelMemory extends Owned {
  readonly module: WebAssembly.Module
  /** Over this memory; not to be held on to. */
  readonly kernels: Kernels
  /** For other threads; undefined if it is this one's alone. */
  readonly shared: WebAssembly.Memory | undefined
  /** A multiple of 64 from which on there are `byteLength` zeroed bytes. @throws RwkvError `wasm/out-of-memory` */
  allocate(byteLength: number): Address
  /** `byteLength` bytes there are now; a view that is good until the next `allocate`. */
  bytes(at: Address, byteLength: number): Uint8Array<ArrayBuffer>
  floats(at: Address, length: number): Float32Array<ArrayBuffer>
  integers(at: Address, length: number): Int32Array
}

/** Bytes that a memory can have. */
export const MOST_BYTES = 2 ** 32
const PAGE = 65_536
const ALIGNMENT = 64 // a line of the caches

/** An empty memory; `onGrow` is told by how many bytes it grows, or shrinks when it is disposed. */
export function createModelMemory(
  { module, isShared }: KernelModule,
  onGrow: (byteLength: number) => void,
): ModelMemory {
  const memory = new WebAssembly.Memory({ initial: 0, maximum: MOST_BYTES / PAGE, shared: isShared })
  let alive: { readonly memory: WebAssembly.Memory; readonly kernels: Kernels } | undefined = {
    memory,
    kernels: instantiate(module, memory),
  }
  const living = () => {
    if (!alive) throw new RangeError('this memory has been disposed')
    return alive
  }
  let end = ALIGNMENT // 0 stands for nothing
  return {
    module,
    get kernels() {
      return living().kernels
    },
    get shared() {
      return isShared ? living().memory : undefined
    },
    allocate(byteLength) {
      const { memory } = living()
      const at = end
      const needed = Math.ceil((at + byteLength - memory.buffer.byteLength) / PAGE)
      if (needed > 0) {
        grow(memory, needed)
        onGrow(needed * PAGE)
      }
      end = Math.ceil((at + byteLength) / ALIGNMENT) * ALIGNMENT
      return at
    },
    bytes: (at, byteLength) => new Uint8Array(living().memory.buffer, at, byteLength),
    floats: (at, length) => new Float32Array(living().memory.buffer, at, length),
    integers: (at, length) => new Int32Array(living().memory.buffer, at, length),
    dispose() {
      if (alive) onGrow(-alive.memory.buffer.byteLength)
      alive = undefined
    },
  }
}

function grow(memory: WebAssembly.Memory, pages: number): void {
  try {
    memory.grow(pages)
  } catch (cause) {
    throw new RwkvError(
      'wasm/out-of-memory',
      `WebAssembly has no room for ${pages * PAGE} bytes more beside ${memory.buffer.byteLength}; it has at most ${MOST_BYTES}. Close other tabs, load smaller weights (weights: 'q8'), or use WebGPU.`,
      { cause },
    )
  }
}
