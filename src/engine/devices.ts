/**
 * @file What computes the models of an engine: WebGPU where it is there, else the CPU through WebAssembly. Each is opened
 * when a model first needs it, and again after it was lost.
 */

import { isRwkvError, RwkvError } from '../core/errors.ts'
import type { LoadOptions, PresetName } from '../core/protocol.ts'
import { createTurns } from '../core/turns.ts'
import type { Backend } from '../forward/backend.ts'
import { createGpuBackend, type GpuBackend } from '../forward/gpu-backend.ts'
import { createGpu, type GpuAdvice } from '../gpu/device.ts'
import type { Threads } from '../wasm/threads.ts'

/** A backend, and why it was taken. */
export interface OpenDevice {
  readonly backend: Backend
  /** A sentence. */
  readonly reason: string
}

/** The backends of an engine. */
export interface Devices {
  /** @throws RwkvError `gpu/unavailable`, `wasm/unavailable`, `gpu/disposed` */
  open(wanted: NonNullable<LoadOptions['device']>): Promise<OpenDevice>
  /** The same, for a load with this preset if it is on WebGPU. */
  withPreset(open: OpenDevice, name: PresetName | undefined): OpenDevice
  /** @throws RwkvError `gpu/disposed` */
  check(): void
  /** Release all of them; after it nothing opens. */
  dispose(): Promise<void>
}

/** What `createDevices` takes. */
export interface DevicesOptions {
  readonly gpu: GPU | undefined
  readonly preset: PresetName | undefined
  readonly advice: GpuAdvice | undefined
  /** For WebAssembly. */
  readonly threads: Threads | undefined
}

/** None is open yet. */
export function createDevices({ gpu: entry, preset, advice, threads }: DevicesOptions): Devices {
  const turns = createTurns() // loads that begin together share a backend
  let gpu: GpuBackend | undefined
  let wasm: Backend | undefined
  let isDisposed = false

  const check = () => {
    if (isDisposed) throw new RwkvError('gpu/disposed', 'This engine has been disposed. Create a new one to go on.')
  }
  const openGpu = async () => {
    if (!gpu || gpu.isLost()) gpu = createGpuBackend(await createGpu(entry, advice), preset)
    return gpu
  }
  const openWasm = async () => {
    wasm ??= await (await import('../forward/wasm-backend.ts')).createWasmBackend(threads)
    return wasm
  }

  /** WebGPU, else WebAssembly, else why there is no WebGPU. */
  async function choose(): Promise<OpenDevice> {
    try {
      return { backend: await openGpu(), reason: 'WebGPU is there.' }
    } catch (missing) {
      const backend = await openWasm().catch(() => undefined)
      if (!backend || !isRwkvError(missing, 'gpu/unavailable')) throw missing
      return { backend, reason: missing.message }
    }
  }

  return {
    check,
    open: (wanted) =>
      turns(async () => {
        check()
        if (wanted === 'auto') return choose()
        return { backend: await (wanted === 'wasm' ? openWasm() : openGpu()), reason: 'It was asked for.' }
      }),
    withPreset: (open, name) => (open.backend === gpu ? { ...open, backend: gpu.withPreset(name) } : open),
    async dispose() {
      isDisposed = true
      await turns(async () => {
        gpu?.dispose()
        wasm?.dispose()
      })
    },
  }
}
