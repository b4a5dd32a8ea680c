/**
 * @file The fragments that decode weights over binding 2: `weight4` gives four of them, for kernels that share them among
 * many tokens, `block_product` multiplies a block of four rows as cheaply as the codec allows.
 */

import levelsBlock from '../../shaders/blocks/levels.wgsl?raw'
import plainBlock from '../../shaders/blocks/plain.wgsl?raw'
import q4Block from '../../shaders/blocks/q4.wgsl?raw'
import q8Block from '../../shaders/blocks/q8.wgsl?raw'
import rangeBytes from '../../shaders/levels/range-bytes.wgsl?raw'
import rangeCodes from '../../shaders/levels/range-codes.wgsl?raw'
import rangePairs from '../../shaders/levels/range-pairs.wgsl?raw'
import upperNone from '../../shaders/levels/upper-none.wgsl?raw'
import upperOne from '../../shaders/levels/upper-one.wgsl?raw'
import upperTwo from '../../shaders/levels/upper-two.wgsl?raw'
import alone from '../../shaders/shared/alone.wgsl?raw'
import subgroup from '../../shaders/shared/subgroup.wgsl?raw'
import bf16 from '../../shaders/weights/bf16.wgsl?raw'
import f16 from '../../shaders/weights/f16.wgsl?raw'
import f32 from '../../shaders/weights/f32.wgsl?raw'
import levelsCode from '../../shaders/weights/levels.wgsl?raw'
import q4 from '../../shaders/weights/q4.wgsl?raw'
import q8 from '../../shaders/weights/q8.wgsl?raw'
import type { WeightFormat } from '../core/protocol.ts'
import { type HeldFormat, hasLevels, isQuantized, levels } from '../core/weight-layout.ts'
import type { ShaderPart } from '../gpu/kernel.ts'
import type { MatvecShape, Preset } from './preset.ts'

/** How a matrix in GPU memory is decoded. */
export type WeightCodec = HeldFormat

const codes: Record<WeightFormat, string> = { f32, f16, bf16, q8, q4 }
const blocks = { q8: q8Block, q4: q4Block }

const uppers = [
  { name: 'levels/upper-none.wgsl', code: upperNone },
  { name: 'levels/upper-one.wgsl', code: upperOne },
  { name: 'levels/upper-two.wgsl', code: upperTwo },
] as const
const ranges = {
  pairs: { name: 'levels/range-pairs.wgsl', code: rangePairs },
  codes: { name: 'levels/range-codes.wgsl', code: rangeCodes },
  bytes: { name: 'levels/range-bytes.wgsl', code: rangeBytes },
} as const

/** The WGSL fragments that give `weight4`. */
export function weightParts(codec: WeightCodec): ShaderPart[] {
  if (!hasLevels(codec)) return [{ name: `weights/${codec}.wgsl`, code: codes[codec] }]
  const { upper, range } = levels[codec]
  return [{ name: 'weights/levels.wgsl', code: levelsCode }, uppers[upper], ranges[range]]
}

/** The WGSL fragment that gives `block_product`; needs `weightParts` before it. */
export function blockPart(codec: WeightCodec): ShaderPart {
  if (hasLevels(codec)) return { name: 'blocks/levels.wgsl', code: levelsBlock }
  return isQuantized(codec)
    ? { name: `blocks/${codec}.wgsl`, code: blocks[codec] }
    : { name: 'blocks/plain.wgsl', code: plainBlock }
}

/** How invocations read the input; before all other parts, since it may begin with a directive. */
export function inputPart({ sharesBySubgroup }: Preset): ShaderPart {
  return sharesBySubgroup
    ? { name: 'shared/subgroup.wgsl', code: subgroup }
    : { name: 'shared/alone.wgsl', code: alone }
}

/** How kernels that go by blocks share their work. */
export function blockShape(preset: Preset, codec: WeightCodec): MatvecShape {
  return isQuantized(codec) ? preset.matvecOfBlocks : preset.matvec
}
