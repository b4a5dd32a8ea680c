/**
 * @file What computes the models of an engine: a GPU, or the CPU through WebAssembly or through WebGPU in software. Each is
 * opened when a model first needs it, and again after it was lost.
 */

import { type ErrorCode, isRwkvError, RwkvError } from '../core/errors.ts'
import type { LoadOptions, PresetName } from '../core/protocol.ts'
import { createTurns } from '../core/turns.ts'
import type { Backend } from '../forward/backend.ts'
import { createGpuBackend, type GpuBackend } from '../forward/gpu-backend.ts'
import { createGpu, describeAdapter, findAdapter, type GpuAdvice } from '../gpu/device.ts'
import type { Threads } from '../wasm/threads.ts'

/** A backend, and why it was taken. */
export interface OpenDevice {
  readonly backend: Backend
  /** A sentence. */
  readonly reason: string
  /** Sentences for the user, where a GPU is there and is of no use. */
  readonly warnings: readonly string[]
}

/** What a load asks for. */
export interface WantedDevice {
  readonly device: NonNullable<LoadOptions['device']>
  /** Of WebGPU's kernels. */
  readonly preset: PresetName | undefined
  /** Under `auto`: no GPU is asked for before WebAssembly has failed. */
  readonly safe?: boolean | undefined
  /** In place of a GPU that was lost: that there is none is an error under `auto` too, since one may be given later. */
  readonly isAgain?: boolean
}

/** The backends of an engine. */
export interface Devices {
  /**
   * Do `work` on what is wanted. Under `auto` that is the first that can do it of: a GPU, WebAssembly, WebGPU in software;
   * where the GPU is real, the last is not there.
   * @throws RwkvError `gpu/unavailable`, `wasm/unavailable`, `gpu/disposed`, and as `work`
   */
  use<T>(wanted: WantedDevice, work: (on: OpenDevice) => Promise<T>): Promise<T>
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

interface Way {
  readonly open: () => Promise<Backend>
  /** Unless another was tried before it. */
  readonly reason: string
}

/** A device on which work ends like this cannot do it, and another may. */
const UNFIT: readonly ErrorCode[] = [
  ...(['gpu/unavailable', 'gpu/wrong-results'] as const),
  ...(['wasm/unavailable', 'wasm/out-of-memory', 'wasm/wrong-results'] as const),
]

/** None is open yet. */
export function createDevices({ gpu: entry, preset: ownPreset, advice, threads }: DevicesOptions): Devices {
  const turns = createTurns() // loads that begin together share a backend
  let gpu: GpuBackend | undefined
  let wasm: Backend | undefined
  let isDisposed = false

  const check = () => {
    if (isDisposed) throw new RwkvError('gpu/disposed', 'This engine has been disposed. Create a new one to go on.')
  }

  const find = () => findAdapter(entry, advice)
  /** `preset` is for this load alone; `adapter` is taken if none is open. */
  async function openGpu(preset: PresetName | undefined, adapter?: Promise<GPUAdapter>): Promise<Backend> {
    if (!gpu || gpu.gone.aborted) gpu = createGpuBackend(await createGpu(entry, adapter ?? find()), ownPreset)
    return gpu.withPreset(preset)
  }
  async function openWasm(): Promise<Backend> {
    wasm ??= await (await import('../forward/wasm-backend.ts')).createWasmBackend(threads)
    return wasm
  }

  /** The best first. */
  async function findWays({ device, preset, safe, isAgain }: WantedDevice): Promise<readonly Way[]> {
    const asked = 'It was asked for.'
    if (device === 'wasm') return [{ open: openWasm, reason: asked }]
    if (device === 'webgpu') return [{ open: () => openGpu(preset), reason: asked }]
    if (safe) {
      const reason = 'A safe start was asked for.'
      return [openWasm, () => openGpu(preset)].map((open) => ({ open, reason }))
    }
    const adapter = gpu && !gpu.gone.aborted ? undefined : find()
    const found = adapter ? await adapter.then(describeAdapter, isAgain ? undefined : () => undefined) : gpu?.adapter
    const name = [found?.vendor, found?.architecture].filter(Boolean).join(' ') || 'unnamed'
    const onGpu: Way = { open: () => openGpu(preset, adapter), reason: 'WebGPU has a GPU here.' }
    const onCpu: Way = {
      open: openWasm,
      reason: `WebGPU has no GPU here, only software (${name}), which is slower than WebAssembly.`,
    }
    if (found?.isFallback) return [onCpu, onGpu]
    return isAgain ? [onGpu] : [onGpu, onCpu]
  }

  return {
    check,
    async use(wanted, work) {
      const inTurn = <T>(open: () => Promise<T>) =>
        turns(() => {
          check()
          return open()
        })
      let failure: RwkvError | undefined
      const warnings: string[] = []
      for (const { open, reason } of await inTurn(() => findWays(wanted))) {
        try {
          const backend = await inTurn(open)
          return await work({ backend, reason: failure?.message ?? reason, warnings })
        } catch (error) {
          if (!isRwkvError(error) || !UNFIT.includes(error.code)) throw error
          const isBroken = error.code === 'gpu/wrong-results' || (error.code === 'gpu/unavailable' && gpu?.gone.aborted)
          if (isBroken) warnings.push(`${error.message} Until then the model runs on the CPU.`)
          // That there is no WebAssembly either tells less than what failed before.
          failure = error.code === 'wasm/unavailable' && failure ? failure : error
        }
      }
      throw failure
    },
    async dispose() {
      isDisposed = true
      await turns(async () => {
        gpu?.dispose()
        wasm?.dispose()
      })
    },
  }
}
