/** @file The low-level API over slots of the pool: feed ids, get logits, read and write states, several at once. */

import { RwkvError } from '../core/errors.ts'
import type {
  BatchEntry,
  FeedOptions,
  LayerTrace,
  ModelInfo,
  State,
  TraceName,
  TraceOptions,
} from '../core/protocol.ts'
import { stateRows } from '../core/state-order.ts'
import { createTurns, type Turns } from '../core/turns.ts'
import type { Feeder } from '../feeder/feed.ts'
import type { Inspect } from '../forward/architecture.ts'
import type { Forward } from '../forward/forward.ts'
import type { StatePool } from '../forward/state-pool.ts'
import { joined } from '../forward/watch.ts'
import { beamSearch } from './beam.ts'
import { trace } from './trace.ts'

/** What the states of a model share. */
export interface StateParts {
  readonly pool: StatePool
  readonly feeder: Feeder
  /** For `State.trace`. */
  readonly forward: Forward
  readonly info: Pick<ModelInfo, 'config' | 'state'>
  readonly inspect: Inspect
  /** Throws for an id outside the vocabulary. */
  readonly checkIds: (ids: readonly number[]) => void
}

/** Makes states, and feeds several of them together. */
export interface States {
  /** A fresh state in a slot of its own, or one that holds `start`, f32 (L, R, C). The caller disposes it. */
  create(start?: Float32Array<ArrayBuffer>): Promise<State>
  /** See `Model.feedBatch`. */
  feedBatch(batch: readonly BatchEntry[], options?: FeedOptions): Promise<void>
}

/** What is behind a `State`: its slot, its logits, and the queue of its calls. */
interface Cell {
  readonly slot: number
  readonly turns: Turns
  logits: Float32Array | undefined
  alive: boolean
}

/** The states of one model. */
export function createStates({ pool, feeder, forward, info, inspect, checkIds }: StateParts): States {
  const cells = new WeakMap<State, Cell>()

  const inTurn = <T>(cell: Cell, work: () => Promise<T> | T): Promise<T> =>
    cell.turns(async () => {
      if (!cell.alive)
        throw new RwkvError(
          'session/disposed',
          'This state has been disposed. Create another with model.createState().',
        )
      return work()
    })

  /** Run `work` when it is the turn of every cell. */
  const inAllTurns = (members: readonly Cell[], work: () => Promise<void>): Promise<void> => {
    const [first, ...rest] = members
    return first ? inTurn(first, () => inAllTurns(rest, work)) : work()
  }

  const feedCells = async (
    members: readonly { cell: Cell; ids: readonly number[] }[],
    options: FeedOptions,
  ): Promise<void> => {
    const batch = members.filter(({ ids }) => ids.length > 0)
    for (const { cell } of batch) cell.logits = undefined // of no use if this feed does not come to its end
    const logits = await feeder.feed(
      batch.map(({ cell, ids }) => ({ slot: cell.slot, ids })),
      options,
    )
    batch.forEach(({ cell }, i) => {
      cell.logits = logits[i]
    })
  }

  return {
    async create(start) {
      const cell: Cell = { slot: await pool.allocate(), turns: createTurns(), logits: undefined, alive: true }
      if (start) pool.write(cell.slot, start)
      const state: State = {
        feed: (ids, options = {}) =>
          inTurn(cell, () => {
            checkIds(ids)
            return feedCells([{ cell, ids }], options)
          }),
        feedAll: (ids, options = {}) =>
          inTurn(cell, async () => {
            checkIds(ids)
            const all = await feeder.feedAll({ slot: cell.slot, ids }, options)
            if (ids.length > 0) cell.logits = all.at(-1)
            return joined(all)
          }),
        trace: <N extends TraceName>(ids: readonly number[], options: TraceOptions<N> = {}) =>
          inTurn(cell, async () => {
            checkIds(ids)
            if (ids.length > 0) cell.logits = undefined
            const { logits, layers } = await trace(forward, info.config, { ...options, slot: cell.slot, ids })
            cell.logits ??= logits
            return layers as readonly LayerTrace<N>[]
          }),
        logits: () => inTurn(cell, () => logitsOf(cell).slice()),
        beamSearch: ({ stopIds = [], ...options }) =>
          inTurn(cell, () => {
            checkIds(stopIds)
            const endOf = (ids: readonly number[]) =>
              stopIds.includes(ids.at(-1) as number) ? ids.slice(0, -1) : undefined
            return beamSearch(
              { pool, feeder },
              { ...options, slot: cell.slot, logits: logitsOf(cell), endOf, banned: [] },
            )
          }),
        read: () => inTurn(cell, () => pool.read(cell.slot)),
        inspect: (options) =>
          inTurn(cell, async () => {
            if (!options) return inspect(await pool.read(cell.slot))
            const { since, tokens } = options
            checkRows(since)
            return inspect(await pool.read(cell.slot), { rows: since, tokens })
          }),
        write: (rows) =>
          inTurn(cell, () => {
            checkRows(rows)
            pool.write(cell.slot, rows.slice())
            cell.logits = undefined
          }),
        dispose: () =>
          cell.turns(async () => {
            if (cell.alive) pool.release(cell.slot)
            cell.alive = false
          }),
      }
      cells.set(state, cell)
      return state
    },

    async feedBatch(batch, options = {}) {
      const members = batch.map(({ state, ids }) => {
        checkIds(ids)
        const cell = cells.get(state)
        if (!cell)
          throw new RwkvError(
            'option/invalid',
            'A state of the batch is not one of this model. Make all of them with its createState().',
          )
        return { cell, ids }
      })
      if (new Set(members.map(({ cell }) => cell)).size < members.length) {
        throw new RwkvError(
          'option/invalid',
          'A state stands twice in the batch. Give each state once, with all its ids.',
        )
      }
      // Taken in the order of slots, so that two batches never wait for each other.
      const inOrder = [...members].sort((a, b) => a.cell.slot - b.cell.slot).map(({ cell }) => cell)
      await inAllTurns(inOrder, () => feedCells(members, options))
    },
  }

  function logitsOf({ logits }: Cell): Float32Array {
    if (logits) return logits
    throw new RwkvError(
      'session/no-logits',
      'This state has no logits: nothing was fed to it since it was created or written. Call feed with at least one id first.',
    )
  }

  function checkRows(rows: Float32Array): void {
    const length = pool.stateByteLength / 4
    if (!(rows instanceof Float32Array) || rows.length !== length) {
      const found = rows instanceof Float32Array ? `${rows.length} numbers` : typeof rows
      throw new RwkvError(
        'option/invalid',
        `A state of this model is a Float32Array of ${length} numbers (layers, rows, channels), rows ${stateRows(info)}; got ${found}.`,
      )
    }
    const wrong = rows.findIndex((value) => !Number.isFinite(value))
    if (wrong >= 0)
      throw new RwkvError('option/invalid', `Number ${wrong} of the state is ${rows[wrong]}; expected finite ones.`)
  }
}
