/**
 * @file GPU buffers with an account of every byte, and the one way back to the CPU.
 */

import type { Owned } from '../core/dispose.ts'
import type { Gpu } from './device.ts'
import { nudged } from './nudge.ts'

/** A buffer and its size in bytes. Its creator disposes it. */
export interface Buffer extends Owned {
  readonly gpu: GPUBuffer
  readonly byteLength: number
}

/** What a buffer is for: `storage` is read and written by kernels and copies, `uniform` holds parameters. */
export type BufferUse = 'storage' | 'uniform' | 'step' | 'readback' | 'queries'

// The flags' values as the WebGPU specification fixes them: node has no GPUBufferUsage global.
const MAP_READ = 0x1
const COPY_SRC = 0x4
const COPY_DST = 0x8
const UNIFORM = 0x40
const STORAGE = 0x80
const QUERY_RESOLVE = 0x200
const MAP_MODE_READ = 0x1

const usage: Record<BufferUse, number> = {
  storage: STORAGE | COPY_DST | COPY_SRC,
  uniform: UNIFORM | COPY_DST,
  step: UNIFORM | STORAGE | COPY_DST,
  readback: MAP_READ | COPY_DST,
  queries: QUERY_RESOLVE | COPY_SRC,
}

/** Allocate `byteLength` bytes (rounded up to 16), zeroed by WebGPU. */
export function createBuffer(
  gpu: Gpu,
  { label, byteLength, use }: { label: string; byteLength: number; use: BufferUse },
): Buffer {
  const size = Math.ceil(byteLength / 16) * 16
  const buffer = gpu.device.createBuffer({ label, size, usage: usage[use] })
  gpu.counters.created += 1
  gpu.counters.gpuByteLength += size
  let alive = true
  return {
    gpu: buffer,
    byteLength: size,
    dispose() {
      if (!alive) return
      alive = false
      gpu.counters.gpuByteLength -= size
      buffer.destroy()
    },
  }
}

/** A buffer that GPU results are copied to and read from; one read at a time. */
export interface Readback extends Owned {
  readonly buffer: Buffer
  /** Resolves to the first `byteLength` bytes, once all submitted work is done: a copy, owned by the caller. */
  read(byteLength: number): Promise<ArrayBuffer>
}

/** A readback buffer of `byteLength` bytes. The creator disposes it. */
export function createReadback(gpu: Gpu, { label, byteLength }: { label: string; byteLength: number }): Readback {
  const buffer = createBuffer(gpu, { label, byteLength, use: 'readback' })
  return {
    buffer,
    async read(byteLength) {
      const size = Math.ceil(byteLength / 4) * 4
      await nudged(gpu, buffer.gpu.mapAsync(MAP_MODE_READ, 0, size))
      const bytes = buffer.gpu.getMappedRange(0, size).slice(0, byteLength)
      buffer.gpu.unmap()
      gpu.counters.bytesReadBack += size
      return bytes
    },
    dispose: () => buffer.dispose(),
  }
}
