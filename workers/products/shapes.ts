/** @file In which shapes the kernel of a product is tried. */

import type { TriedProduct, TriedShape } from '../../demo/views/bench/product-costs.ts'
import type { WeightFormat } from '../../src/core/protocol.ts'
import type { Preset } from '../../src/kernels/preset.ts'
import { blockShape } from '../../src/kernels/weight-codec.ts'

const shape = (lanes: number, tiles: number, rows: 4 | 8, rest: Partial<TriedShape> = {}): TriedShape => ({
  lanes,
  tiles,
  rows,
  sharesBySubgroup: false,
  ...rest,
})

const bySubgroup = { sharesBySubgroup: true }

const matvecShapes: readonly TriedShape[] = [
  shape(1, 8, 8),
  shape(1, 32, 8),
  shape(1, 8, 4, bySubgroup),
  shape(1, 8, 8, bySubgroup),
  shape(8, 8, 8),
  shape(8, 16, 4),
  shape(16, 8, 4),
  shape(32, 2, 4),
  shape(32, 4, 4),
  shape(32, 8, 4),
  shape(64, 4, 4),
]

/** A tile always has 8 rows where there are several tokens. */
const matmulShapes: readonly TriedShape[] = [
  shape(1, 8, 8, { tokens: 8 }),
  shape(1, 32, 8, { tokens: 8 }),
  shape(1, 8, 8, { tokens: 16 }),
  shape(1, 8, 8, { tokens: 8, ...bySubgroup }),
  shape(1, 8, 8, { tokens: 16, ...bySubgroup }),
  shape(1, 32, 8, { tokens: 16, ...bySubgroup }),
  shape(4, 16, 8, { tokens: 8 }),
  shape(8, 8, 8, { tokens: 8 }),
  shape(8, 16, 8, { tokens: 8 }),
  shape(8, 8, 8, { tokens: 16 }),
  shape(16, 8, 8, { tokens: 8 }),
  shape(32, 4, 8, { tokens: 8 }),
]

/** The shapes for a codec and a number of tokens, each once: those of `presets` first, in case time runs out. */
export function productsToTry(codec: WeightFormat, tokens: number, presets: readonly Preset[]): TriedProduct[] {
  const own = presets.map((preset) => ({ preset, shape: shapeOf(preset, codec, tokens) }))
  const all = [...own.map(({ shape }) => shape), ...(tokens === 1 ? matvecShapes : matmulShapes)]
  const different = all.filter((shape, i) => all.findIndex((other) => isSame(other, shape)) === i)
  return different.map((shape) => ({
    codec,
    tokens,
    shape,
    presets: own.filter((one) => isSame(one.shape, shape)).map(({ preset }) => preset.name),
  }))
}

function shapeOf(preset: Preset, codec: WeightFormat, tokens: number): TriedShape {
  const { sharesBySubgroup, matmul } = preset
  return tokens === 1 ? { ...blockShape(preset, codec), sharesBySubgroup } : { rows: 8, ...matmul, sharesBySubgroup }
}

const isSame = (a: TriedShape, b: TriedShape): boolean =>
  (['lanes', 'tiles', 'rows', 'tokens', 'sharesBySubgroup'] as const).every((name) => a[name] === b[name])

/** A preset that cuts products so, and everything else as `preset` does. */
export function presetWith(preset: Preset, { lanes, tiles, rows, tokens = 8, sharesBySubgroup }: TriedShape): Preset {
  const matvec = { lanes, tiles, rows }
  return { ...preset, matvec, matvecOfBlocks: matvec, matmul: { lanes, tiles, tokens }, sharesBySubgroup }
}
