/** @file How much memory the GPU gives, found out by asking: WebGPU has no number for it. */

import { isSoftwareAdapter } from '../../../src/core/software-adapter.ts'

/** What was found. */
export interface Room {
  /** Bytes that were given; 0 if none were. */
  readonly given: number
  /** The next step, which was refused; undefined if none was. */
  readonly refused: number | undefined
}

/** Bytes to ask for, ascending. More than the last is not tried, to be kind to the machine. */
export const ROOM_STEPS: readonly number[] = [0.25e9, 0.5e9, 1e9, 2e9, 3e9, 4e9, 6e9, 8e9, 12e9, 16e9]

const PIECE_BYTES = 128 * 1024 * 1024 // one binding, as models are made of

/**
 * Ask step by step until one is refused; undefined for a software adapter, which would take the computer's own memory.
 * @throws the signal's reason, or TypeError where there is no adapter.
 */
export async function measureRoom(signal: AbortSignal, onStep: (bytes: number) => void): Promise<Room | undefined> {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' })
  if (!adapter) throw new TypeError('no adapter')
  if (isSoftwareAdapter(adapter.info)) return undefined
  const device = await adapter.requestDevice({ label: 'room' })
  let lost = false
  void device.lost.then(() => {
    lost = true
  })
  let given = 0
  const held: GPUBuffer[] = []
  try {
    for (const step of ROOM_STEPS) {
      signal.throwIfAborted()
      onStep(step)
      device.pushErrorScope('out-of-memory')
      while (held.length * PIECE_BYTES < step) {
        held.push(device.createBuffer({ label: 'room', size: PIECE_BYTES, usage: GPUBufferUsage.STORAGE }))
      }
      if ((await device.popErrorScope()) || lost) return { given, refused: step }
      given = step
    }
    return { given, refused: undefined }
  } finally {
    for (const buffer of held) buffer.destroy()
    device.destroy()
  }
}
