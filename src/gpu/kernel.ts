/**
 * @file From WGSL parts to a pipeline. A kernel is a list of parts joined end to end (shared fragments first, the file
 * with `main` last), its bindings by kind, and its constants; a compile message names the part and the line in it.
 */

import { RwkvError } from '../core/errors.ts'
import type { Gpu } from './device.ts'

/** One piece of WGSL and the name it is known by in messages, such as `matmul.wgsl`. */
export interface ShaderPart {
  readonly name: string
  readonly code: string
}

/** Access of a binding; its place in the list is its number in group 0. */
export type BindingKind = 'uniform' | 'read' | 'read_write'

/** Everything that makes a pipeline: plain data, so that all variants can be listed and checked without a GPU. */
export interface KernelSource {
  readonly label: string
  readonly parts: readonly ShaderPart[]
  readonly bindings: readonly BindingKind[]
  /** Values of the `override`s. */
  readonly constants: Readonly<Record<string, number>>
}

/** A compiled kernel. Pipelines hold no memory of their own that could be freed: they go with the device. */
export interface Kernel {
  readonly label: string
  readonly pipeline: GPUComputePipeline
  readonly layout: GPUBindGroupLayout
}

const SHADER_STAGE_COMPUTE = 0x4
const bufferType = { uniform: 'uniform', read: 'read-only-storage', read_write: 'storage' } as const

/**
 * Compile `source`.
 * @throws RwkvError `gpu/shader` with part, line and message if it does not compile.
 */
export async function createKernel(gpu: Gpu, source: KernelSource): Promise<Kernel> {
  const { device } = gpu
  const { label, parts, bindings, constants } = source
  const module = device.createShaderModule({ label, code: parts.map(({ code }) => code).join('\n') })
  const layout = device.createBindGroupLayout({
    label,
    entries: bindings.map((kind, binding) => ({
      binding,
      visibility: SHADER_STAGE_COMPUTE,
      buffer: { type: bufferType[kind] },
    })),
  })
  try {
    const pipeline = await gpu.guard(
      device.createComputePipelineAsync({
        label,
        layout: device.createPipelineLayout({ label, bindGroupLayouts: [layout] }),
        compute: { module, entryPoint: 'main', constants: { ...constants } },
      }),
    )
    gpu.counters.created += 1
    return { label, pipeline, layout }
  } catch (cause) {
    gpu.check()
    const { messages } = await gpu.guard(module.getCompilationInfo())
    const lines = messages.filter(({ type }) => type === 'error').map((message) => locate(message, parts))
    throw new RwkvError(
      'gpu/shader',
      `Kernel ${label} does not compile here: ${lines.join('; ') || String(cause)}. Please report this with your browser and GPU.`,
      { cause },
    )
  }
}

/** `part:line message` for a message about the joined text. */
function locate({ lineNum, message }: GPUCompilationMessage, parts: readonly ShaderPart[]): string {
  let line = lineNum
  for (const { name, code } of parts) {
    const lines = code.split('\n').length
    if (line <= lines) return `${name}:${line} ${message}`
    line -= lines
  }
  return message
}
