/** @file What products of weights cost by how their kernel is cut: as `workers/products` measures it, and as it is shown. */

import type { AdapterDescription, PresetName, WeightFormat } from '../../../src/index.ts'

/** How a kernel is cut; `tokens` of a tile where there are several. */
export interface TriedShape {
  readonly lanes: number
  readonly tiles: number
  readonly rows: 4 | 8
  readonly tokens?: 8 | 16
  readonly sharesBySubgroup: boolean
}

/** One product in one shape of its kernel. */
export interface TriedProduct {
  readonly codec: WeightFormat
  readonly tokens: number
  readonly shape: TriedShape
  /** Those that cut it so on this adapter. */
  readonly presets: readonly PresetName[]
}

/** Milliseconds by the clock, and those of the processor where they can be asked for. */
export interface Took {
  readonly wallMs: number
  readonly cpuMs?: number
}

/** What one product took: the median of the rounds. */
export interface ProductCost extends TriedProduct, Took {
  /** With the first run, until which drivers put off some of it; with whatever is already known to them. */
  readonly compile: Took
}

/** What was not measured: for want of time or of subgroups, or since the driver refused it. */
export interface LeftOut extends TriedProduct {
  readonly why: string
}

/** What was found on an adapter. */
export interface ProductReport {
  readonly adapter: AdapterDescription
  /** Of the matrix. */
  readonly rows: number
  readonly columns: number
  readonly costs: readonly ProductCost[]
  readonly leftOut: readonly LeftOut[]
}

/** How far the measurement is, in kinds of products. */
export interface ProductStep extends Pick<TriedProduct, 'codec' | 'tokens'> {
  readonly done: number
  readonly total: number
}

/** The worker that measures. It is ended from outside. */
export interface ProductsWorker {
  /** Within about so many milliseconds. */
  measure(budgetMs: number, onStep: (step: ProductStep) => void): Promise<ProductReport>
}

/** All that was measured of one codec and number of tokens. */
export interface ProductKind extends Pick<TriedProduct, 'codec' | 'tokens'> {
  readonly fastest: ProductCost
  /** Milliseconds; undefined where it was left out. */
  readonly msOf: (preset: PresetName) => number | undefined
}

/** In the order in which they were measured; those of which nothing was measured are not there. */
export function kindsOf(costs: readonly ProductCost[]): ProductKind[] {
  const groups = new Map<string, ProductCost[]>()
  for (const cost of costs) {
    const kind = `${cost.codec} ${cost.tokens}`
    groups.set(kind, [...(groups.get(kind) ?? []), cost])
  }
  return Array.from(groups.values(), (group) => {
    const fastest = group.reduce((best, cost) => (cost.wallMs < best.wallMs ? cost : best))
    const { codec, tokens } = fastest
    return { codec, tokens, fastest, msOf: (name) => group.find(({ presets }) => presets.includes(name))?.wallMs }
  })
}

/** Such as "32×4×4", "1×8×8×16 subgroup": lanes, tiles, rows of a tile, its tokens. */
export function nameOfShape({ lanes, tiles, rows, tokens, sharesBySubgroup }: TriedShape): string {
  const sizes = [lanes, tiles, rows, ...(tokens ? [tokens] : [])].join('×')
  return sharesBySubgroup ? `${sizes} subgroup` : sizes
}
