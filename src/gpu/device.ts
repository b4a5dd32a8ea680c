/**
 * @file The GPU device and what is known about it: adapter, counters, whether it still lives. Everything that waits for
 * the GPU waits through `guard`, so that a lost device rejects every pending call instead of leaving it hanging.
 */

import type { Owned } from '../core/dispose.ts'
import { RwkvError } from '../core/errors.ts'
import { createGuard } from '../core/guard.ts'
import type { AdapterDescription, GpuCounters } from '../core/protocol.ts'
import { isSoftwareAdapter } from '../core/software-adapter.ts'

/** A device with its counters. The creator disposes it; all buffers made from it go with it. */
export interface Gpu extends Owned {
  readonly device: GPUDevice
  readonly adapter: AdapterDescription
  /** Whether finished work is only noticed now and then, or when something is submitted, as in Firefox. */
  readonly onlyPolls: boolean
  /** Totals since creation; written by `gpu/` alone. */
  readonly counters: { -readonly [Name in keyof Omit<GpuCounters, 'prefixHits'>]: GpuCounters[Name] }
  /** Wait for `pending`, but reject with `gpu/lost` or `gpu/disposed` as soon as the device is gone. */
  guard<T>(pending: Promise<T>): Promise<T>
  /** @throws RwkvError `gpu/lost` or `gpu/disposed` if the device is gone. */
  check(): void
  /** Aborted, with the error that `check` throws, when the device is gone. */
  readonly gone: AbortSignal
  /**
   * Run `work` and turn validation and out-of-memory errors of the GPU into `RwkvError`s. Error scopes are a stack of the
   * device: work that awaits something must not overlap with other such work, unless one contains the other.
   */
  scoped<T>(what: string, work: () => T | Promise<T>): Promise<T>
}

/** What WebGPU gives every device unless more is asked for. Nothing here asks for more, so that phones can run it. */
export const defaultLimits = {
  maxStorageBufferBindingSize: 128 * 1024 * 1024,
  maxBufferSize: 256 * 1024 * 1024,
  maxComputeWorkgroupsPerDimension: 65_535,
  minOffsetAlignment: 256,
} as const

const LOST_GRACE_MS = 100

/** What to tell a user who has no GPU. */
export interface GpuAdvice {
  /** Where there is no WebGPU: what is missing, and what to do. */
  readonly missing: string
  /** Where WebGPU offers no adapter. */
  readonly noAdapter: string
}

const forBrowsers: GpuAdvice = {
  missing:
    'This browser has no WebGPU (navigator.gpu is missing). Use a current Chrome, Edge, Firefox or Safari 26, and open the page over https or from localhost.',
  noAdapter:
    'WebGPU is here, but it has no adapter to offer. Turn on hardware acceleration in the browser settings, update the graphics driver, or start Chrome with --enable-unsafe-webgpu; after a crash of the GPU, reload the page.',
}

/**
 * Ask for an adapter, of hardware if there is any.
 * @throws RwkvError `gpu/unavailable` if there is no WebGPU here or no adapter.
 */
export async function findAdapter(gpu: GPU | undefined, advice: GpuAdvice = forBrowsers): Promise<GPUAdapter> {
  if (!gpu) throw new RwkvError('gpu/unavailable', advice.missing)
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' })
  if (!adapter) throw new RwkvError('gpu/unavailable', advice.noAdapter)
  return adapter
}

/**
 * Ask for a device with default limits, of an adapter that gave none before.
 * @throws RwkvError `gpu/unavailable` if there is none.
 */
export async function createGpu(gpu: GPU | undefined, found: Promise<GPUAdapter> = findAdapter(gpu)): Promise<Gpu> {
  const adapter = await found
  const features: GPUFeatureName[] = ['timestamp-query', 'subgroups'] // for `Model.profile` and `presetOf`, where there are any
  const requiredFeatures = features.filter((feature) => adapter.features.has(feature))
  const device = await adapter.requestDevice({ label: 'rwkv', requiredFeatures }).catch((cause: unknown) => {
    throw new RwkvError(
      'gpu/unavailable',
      `The GPU adapter refused to open a device: ${String(cause)}. Reload the page or restart the browser.`,
      { cause },
    )
  })

  const life = createGuard()
  const gone = new AbortController()
  const end = (reason: RwkvError) => {
    life.end(reason)
    gone.abort(life.ended)
  }
  void device.lost.then(({ reason, message }) => {
    end(
      new RwkvError(
        'gpu/lost',
        `The GPU stopped (${reason}${message ? `: ${message}` : ''}). What was shown is kept; load the model again to go on.`,
      ),
    )
  })

  const counters = { steps: 0, tokens: 0, dispatches: 0, submits: 0, created: 0, bytesReadBack: 0, gpuByteLength: 0 }
  const check = () => {
    if (life.ended) throw life.ended
  }
  // A rejected map or scope is often the first sign of a loss: give `device.lost` the moment it needs to say so.
  const guard = <T>(pending: Promise<T>): Promise<T> =>
    life.guard(
      pending.catch(async (error: unknown) => {
        await Promise.race([device.lost, new Promise((settle) => setTimeout(settle, LOST_GRACE_MS))])
        throw error
      }),
    )

  return {
    device,
    adapter: describeAdapter(adapter),
    onlyPolls: /firefox/i.test(globalThis.navigator?.userAgent ?? ''),
    counters,
    guard,
    check,
    gone: gone.signal,
    async scoped<T>(what: string, work: () => T | Promise<T>) {
      check()
      device.pushErrorScope('validation')
      device.pushErrorScope('out-of-memory')
      let outcome: { readonly value: T } | { readonly reason: unknown }
      try {
        const begun = work()
        // Work that has ended has its scopes popped at once, before anybody else can push theirs.
        outcome = { value: begun instanceof Promise ? await begun : begun }
      } catch (reason) {
        outcome = { reason }
      }
      const [memory, validation] = await guard(Promise.all([device.popErrorScope(), device.popErrorScope()]))
      if (memory) {
        throw new RwkvError(
          'gpu/out-of-memory',
          `The GPU has not enough memory for ${what}: ${memory.message}. Close other tabs or load smaller weights (weights: 'q8').`,
        )
      }
      if (validation) {
        throw new RwkvError(
          'gpu/shader',
          `The GPU refused ${what}: ${validation.message}. This is a fault of rwkv.js or of the driver: please report it.`,
        )
      }
      if ('reason' in outcome) throw outcome.reason
      return outcome.value
    },
    dispose() {
      end(new RwkvError('gpu/disposed', 'This engine has been disposed. Create a new one to go on.'))
      device.destroy()
    },
  }
}

/** Limits that decide what a model may be. */
const TOLD_LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupsPerDimension',
] as const

/** Names of the adapter, of which browsers may leave any empty, and what it offers. */
export function describeAdapter(adapter: GPUAdapter): AdapterDescription {
  const info = adapter.info
  return {
    vendor: info.vendor,
    architecture: info.architecture,
    description: info.description,
    isFallback: isSoftwareAdapter(info),
    features: [...adapter.features].sort(),
    limits: Object.fromEntries(TOLD_LIMITS.map((name) => [name, adapter.limits[name]])),
  }
}
