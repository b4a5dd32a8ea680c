/** @file The fragments that decode weights: each gives `weight4(row, column4)` over binding 2. */

import bf16 from '../../shaders/weights/bf16.wgsl?raw'
import f16 from '../../shaders/weights/f16.wgsl?raw'
import f32 from '../../shaders/weights/f32.wgsl?raw'
import type { WeightFormat } from '../core/protocol.ts'
import type { ShaderPart } from '../gpu/kernel.ts'

/** How a matrix in GPU memory is decoded. */
export type WeightCodec = WeightFormat

const codes: Record<WeightCodec, string> = { f32, f16, bf16 }

/** The WGSL fragment of a codec. */
export function weightPart(codec: WeightCodec): ShaderPart {
  return { name: `weights/${codec}.wgsl`, code: codes[codec] }
}
