/**
 * @file An engine for one test: over Dawn and files on disk, with its devices at hand, failing on any error the GPU
 * reports.
 */

import { pathToFileURL } from 'node:url'
import { expect } from 'vitest'
import type { DeviceName } from '../../src/core/protocol.ts'
import { createEngine, type Engine, type EngineOptions } from '../../src/engine.ts'
import { fileFetch } from '../../src/node/file-fetch.ts'
import { expectClose } from './closeness.ts'
import { createDawn } from './dawn.ts'
import { goldenFolder } from './golden.ts'

/** What computes the models of tests: WebGPU, or, in the project `sessions-on-wasm`, WebAssembly. */
export const testedDevice: DeviceName = process.env.RWKV_DEVICE === 'wasm' ? 'wasm' : 'webgpu'

/**
 * That both are what the same ids came to, fed in other company: equal to the bit on WebGPU; close in WebAssembly, where one
 * row is multiplied by another kernel than several.
 */
export function expectSame(actual: Float32Array, expected: Float32Array): void {
  if (testedDevice === 'webgpu') expect(actual).toEqual(expected)
  else expectClose(actual, expected, { atol: 1e-4, rtol: 1e-4 })
}

/** The built-in model. */
export const storyteller = new URL('../../demo/public/models/storyteller/', import.meta.url).href

/** The address of a golden model. */
export const goldenModel = (file: string): string => `${pathToFileURL(goldenFolder).href}/models/${file}`

/** The buffers that `device` makes from now on, without those destroyed. */
export function liveBuffers(device: GPUDevice): ReadonlySet<GPUBuffer> {
  const live = new Set<GPUBuffer>()
  const createBuffer = device.createBuffer.bind(device)
  device.createBuffer = (descriptor) => {
    const buffer = createBuffer(descriptor)
    live.add(buffer)
    const destroy = buffer.destroy.bind(buffer)
    buffer.destroy = () => {
      live.delete(buffer)
      return destroy()
    }
    return buffer
  }
  return live
}

/** What a test does to the GPU. */
interface TestOptions extends Partial<EngineOptions> {
  readonly onDevice?: (device: GPUDevice) => void
  /** What is given in place of an adapter. */
  readonly onAdapter?: (adapter: GPUAdapter) => GPUAdapter | null
}

/** Run `work` with a fresh engine; `devices` are those it opened so far, each shown to `onDevice` first. */
export async function withEngine(
  work: (engine: Engine, devices: readonly GPUDevice[]) => Promise<void>,
  { onDevice, onAdapter, ...options }: TestOptions = {},
): Promise<void> {
  const devices: GPUDevice[] = []
  const errors: string[] = []
  const dawn = createDawn()
  const gpu = {
    async requestAdapter(adapterOptions?: GPURequestAdapterOptions) {
      const found = await dawn.requestAdapter(adapterOptions)
      if (!found) throw new Error('no adapter: GPU tests need one')
      const adapter = onAdapter ? onAdapter(found) : found
      if (!adapter) return null
      const requestDevice = adapter.requestDevice.bind(adapter)
      adapter.requestDevice = async (descriptor) => {
        const device = await requestDevice(descriptor)
        device.addEventListener('uncapturederror', ({ error }) => errors.push(error.message))
        devices.push(device)
        onDevice?.(device)
        return device
      }
      return adapter
    },
  } as GPU
  const engine = createEngine({ gpu, device: testedDevice, fetch: fileFetch, ...options })
  try {
    await work(engine, devices)
    expect(errors).toEqual([])
  } finally {
    await engine.dispose()
  }
}
