/**
 * @file Where a state comes from: numbers that the CPU has, and the ids that were fed since, step by step. It is what a
 * state can be computed from again once the device that held it is gone, to the bit: each step is remembered with what
 * chose its kernels.
 */

/** The ids of a reply that are known so far, by their places in it. */
export type DrawnIds = readonly (number | undefined)[]

/** An id, or the one that a reply drew at a place, which may not be known yet. */
export type FedId = number | { readonly drawn: DrawnIds; readonly index: number }

/** What a state has come to. Slots that hold copies of a state share it. */
export interface Moment {
  /** f32 (L, R, C), where the CPU has them. Not to be written to. */
  readonly rows: Float32Array<ArrayBuffer> | undefined
  /** Else the moment before, */
  readonly before: Moment | undefined
  /** the ids that were fed to it in one step, */
  readonly ids: readonly FedId[]
  /** and whether they were other rows than a single one: those are computed by other kernels. */
  readonly isOneOfSeveral: boolean
  /** Ids since numbers that the CPU has. */
  readonly length: number
}

/** The moment of a state that was written. */
export const momentOf = (rows: Float32Array<ArrayBuffer>): Moment => ({
  rows,
  before: undefined,
  ids: [],
  isOneOfSeveral: false,
  length: 0,
})

/** The moment after a step. */
export const momentAfter = (
  before: Moment,
  { ids, isOneOfSeveral }: Pick<Moment, 'ids' | 'isOneOfSeveral'>,
): Moment => ({
  rows: undefined,
  before,
  ids,
  isOneOfSeveral,
  length: before.length + ids.length,
})

/** The steps that lead to `moment`, first to last: from `held`, if it lies on the way, or from `from`, whose numbers are here. */
export function stepsTo(moment: Moment, held: Moment | undefined): { from: Moment; steps: readonly Moment[] } {
  const steps: Moment[] = []
  let from = moment
  while (from !== held && from.before) {
    steps.push(from)
    from = from.before
  }
  return { from, steps: steps.reverse() }
}

/** The id; undefined while it is not known. */
export const idOf = (id: FedId): number | undefined => (typeof id === 'number' ? id : id.drawn[id.index])
