/**
 * @file How the kernels share their work among invocations. Software adapters run an invocation after another and pay for
 * every barrier; real GPUs want neighbouring invocations on neighbouring addresses. The same kernels serve both.
 */

import type { PresetName } from '../core/protocol.ts'

/** Sizes of workgroups; none exceeds the default limits (256 invocations, 16 KiB of workgroup memory). */
export interface Preset {
  readonly name: PresetName
  /** Invocations that normalise one row. */
  readonly normWorkgroup: number
  /** Invocations over channels in kernels without shared work. */
  readonly channelWorkgroup: number
  /** Invocations to four value channels of a head; divides 16, and a head of 128 has no more than 256 in all. */
  readonly headSplit: number
  /** Invocations that draw from one row of logits; a power of two. */
  readonly sampleWorkgroup: number
  readonly matvec: MatvecShape
  /** As `matvec`, where a lane takes 32 columns at a time instead of 4. */
  readonly matvecOfBlocks: MatvecShape
  readonly matmul: MatmulShape
  /** Whether four of a subgroup read the input of a product for all of it; then no lanes share a tile. */
  readonly sharesBySubgroup: boolean
}

/** Invocations that share a tile of rows, and tiles of a workgroup; see `shaders/matvec.wgsl` and `matmul.wgsl`. */
export interface ProductShape {
  readonly lanes: number
  readonly tiles: number
}

/**
 * The overrides by which a shader knows its shape. PARTIALS could be computed in it, but not in a way that every browser
 * compiles: see tests/tools/wgsl-subset.ts.
 */
export function productConstants({ lanes, tiles }: ProductShape): Readonly<Record<string, number>> {
  return { LANES: lanes, TILES: tiles, PARTIALS: lanes * tiles }
}

/** `rows` of a tile: 4, or 8 where reading the input costs more than having half as many invocations. */
export interface MatvecShape extends ProductShape {
  readonly rows: 4 | 8
}

/** `tokens` of a tile: 8, or 16 where reading costs more than holding sums. */
export interface MatmulShape extends ProductShape {
  readonly tokens: 8 | 16
}

/** Measured on SwiftShader with 2 cores (DECISIONS.md): no barriers in products, few invocations to a row. */
export const softwarePreset: Preset = {
  name: 'software',
  normWorkgroup: 4,
  channelWorkgroup: 16,
  headSplit: 1,
  sampleWorkgroup: 4,
  matvec: { lanes: 1, tiles: 8, rows: 8 },
  matvecOfBlocks: { lanes: 1, tiles: 8, rows: 8 },
  matmul: { lanes: 1, tiles: 8, tokens: 8 },
  sharesBySubgroup: false,
}

/** The same where there are subgroups: measured on SwiftShader and lavapipe (DECISIONS.md). */
export const softwareSubgroupPreset: Preset = {
  ...softwarePreset,
  matvecOfBlocks: { lanes: 1, tiles: 8, rows: 4 },
  matmul: { lanes: 1, tiles: 8, tokens: 16 },
  sharesBySubgroup: true,
}

/**
 * Argued, not measured: 32 lanes read 512 contiguous bytes of a row; 8 lanes 128 where 8 tokens share the weights, or 256
 * where each takes a block of q8, of which a row has 24 at 768 columns.
 */
export const gpuPreset: Preset = {
  name: 'gpu',
  normWorkgroup: 64,
  channelWorkgroup: 64,
  headSplit: 4,
  sampleWorkgroup: 128,
  matvec: { lanes: 32, tiles: 4, rows: 4 },
  matvecOfBlocks: { lanes: 8, tiles: 16, rows: 4 },
  matmul: { lanes: 8, tiles: 8, tokens: 8 },
  sharesBySubgroup: false,
}
