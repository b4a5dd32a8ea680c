/**
 * @file The fragments that decode weights over binding 2: `weight4` gives four of them, for kernels that share them among
 * many tokens, `block_product` multiplies a block of four rows as cheaply as the codec allows.
 */

import plainBlock from '../../shaders/blocks/plain.wgsl?raw'
import q4Block from '../../shaders/blocks/q4.wgsl?raw'
import q8Block from '../../shaders/blocks/q8.wgsl?raw'
import bf16 from '../../shaders/weights/bf16.wgsl?raw'
import f16 from '../../shaders/weights/f16.wgsl?raw'
import f32 from '../../shaders/weights/f32.wgsl?raw'
import q4 from '../../shaders/weights/q4.wgsl?raw'
import q8 from '../../shaders/weights/q8.wgsl?raw'
import type { WeightFormat } from '../core/protocol.ts'
import { isQuantized } from '../core/weight-layout.ts'
import type { ShaderPart } from '../gpu/kernel.ts'
import type { MatvecShape, Preset } from './preset.ts'

/** How a matrix in GPU memory is decoded. */
export type WeightCodec = WeightFormat

const codes: Record<WeightCodec, string> = { f32, f16, bf16, q8, q4 }
const blocks = { q8: q8Block, q4: q4Block }

/** The WGSL fragment that gives `weight4`. */
export function weightPart(codec: WeightCodec): ShaderPart {
  return { name: `weights/${codec}.wgsl`, code: codes[codec] }
}

/** The WGSL fragment that gives `block_product`; needs `weightPart` before it. */
export function blockPart(codec: WeightCodec): ShaderPart {
  return isQuantized(codec)
    ? { name: `blocks/${codec}.wgsl`, code: blocks[codec] }
    : { name: 'blocks/plain.wgsl', code: plainBlock }
}

/** How kernels that go by blocks share their work. */
export function blockShape(preset: Preset, codec: WeightCodec): MatvecShape {
  return isQuantized(codec) ? preset.matvecOfBlocks : preset.matvec
}
