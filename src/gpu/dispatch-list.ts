/**
 * @file From descriptions of dispatches to dispatches: compiles each distinct kernel once, puts all parameters into one
 * uniform buffer, makes the bind groups. Done at load; a step only records the result.
 */

import { createOwner, type Owned } from '../core/dispose.ts'
import { createBuffer } from './buffer.ts'
import type { Gpu } from './device.ts'
import { createKernel, type Kernel, type KernelSource } from './kernel.ts'
import { type Binding, createDispatch, type Dispatch, type Grid } from './recorder.ts'

/** A dispatch before its kernel is compiled. Binding 0 holds `params`, at most 12 u32s; `bindings` follow from 1 on. */
export interface DispatchSpec {
  readonly label: string
  readonly source: KernelSource
  readonly params: readonly number[]
  readonly bindings: readonly Binding[]
  readonly grid: Grid
}

/** Dispatches in the order of their specs, with the memory of their parameters. The creator disposes it. */
export interface DispatchList extends Owned {
  readonly dispatches: readonly Dispatch[]
}

/** Compiled kernels by what they are made from, so that layers share them. */
export type KernelCache = (source: KernelSource) => Promise<Kernel>

/** An empty cache over `createKernel`. */
export function createKernelCache(gpu: Gpu): KernelCache {
  const kernels = new Map<string, Promise<Kernel>>()
  return (source) => {
    const key = JSON.stringify([
      source.parts.map(({ name, code }) => (name.endsWith('.wgsl') ? name : code)),
      source.constants,
    ])
    const known = kernels.get(key)
    if (known) return known
    const kernel = createKernel(gpu, source)
    kernels.set(key, kernel)
    kernel.catch(() => kernels.delete(key)) // a failed compilation is not cached: another attempt may succeed
    return kernel
  }
}

const PARAMS_BYTES = 48
const PARAMS_STRIDE = 256 // bytes: the least common multiple of offset alignments that WebGPU guarantees to accept

/** Compile and bind `specs`. @throws RwkvError `gpu/shader`, `gpu/out-of-memory`; nothing stays allocated. */
export async function createDispatchList(
  gpu: Gpu,
  kernels: KernelCache,
  specs: readonly DispatchSpec[],
): Promise<DispatchList> {
  const compiled = await Promise.all(specs.map(async (spec) => ({ ...spec, kernel: await kernels(spec.source) })))
  const owner = createOwner()
  const bind = () => {
    const params = owner.own(
      createBuffer(gpu, { label: 'params', byteLength: specs.length * PARAMS_STRIDE, use: 'uniform' }),
    )
    const values = new Uint32Array((specs.length * PARAMS_STRIDE) / 4)
    specs.forEach((spec, i) => {
      values.set(spec.params, (i * PARAMS_STRIDE) / 4)
    })
    gpu.device.queue.writeBuffer(params.gpu, 0, values)
    return compiled.map(({ label, kernel, bindings, grid }, i) =>
      createDispatch(gpu, {
        label,
        kernel,
        bindings: [{ buffer: params, offset: i * PARAMS_STRIDE, byteLength: PARAMS_BYTES }, ...bindings],
        grid,
      }),
    )
  }
  try {
    return { dispatches: await gpu.scoped('the bindings of a step', bind), dispose: () => owner.dispose() }
  } catch (error) {
    owner.dispose()
    throw error
  }
}
