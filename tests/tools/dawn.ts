/**
 * @file WebGPU in node: Dawn, over the software Vulkan that comes with Chromium where the machine has no GPU. The loader
 * and the driver are found through environment variables that must be set before the process starts (see run-ts.mjs and
 * global-setup.ts).
 */

import { create } from 'webgpu'

let dawn: GPU | undefined

/** The process's one Dawn instance; it must stay referenced, or the process dies. */
export function createDawn(): GPU {
  dawn ??= create([])
  return dawn
}

/** Dawn without any driver: compiles WGSL and pipelines, computes nothing. For checks of shaders alone. */
export function createNullDawn(): GPU {
  nullDawn ??= create(['backend=null'])
  return nullDawn
}

let nullDawn: GPU | undefined
