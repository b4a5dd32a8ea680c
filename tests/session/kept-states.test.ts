import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RwkvError } from '../../src/core/errors.ts'
import type { StatePool } from '../../src/forward/state-pool.ts'
import { createKeptStates, type KeptState } from '../../src/session/kept-states.ts'
import { createStore } from '../../src/store/store.ts'
import { createFakeDirectory } from '../tools/fake-directory.ts'

const FLOATS = 5
const BYTES = FLOATS * 4
const rowsOf = (seed: number) => Float32Array.from({ length: FLOATS }, (_, i) => Math.fround(seed + i / 3))

/** A pool in memory; `most` bounds it. */
function createFakePool(most = 50): StatePool & { readonly used: () => number; readonly reads: () => number } {
  const slots = new Map<number, Float32Array<ArrayBuffer>>()
  let reads = 0
  const rows = (slot: number) => slots.get(slot) ?? rowsOf(NaN)
  return {
    stateByteLength: BYTES,
    async allocate(from) {
      if (slots.size >= most) throw new RwkvError('session/state-budget', 'full')
      let slot = 0
      while (slots.has(slot)) slot++
      slots.set(slot, from === undefined ? rowsOf(0) : rows(from).slice())
      return slot
    },
    release: (slot) => void slots.delete(slot),
    reset: (slot) => void slots.set(slot, rowsOf(0)),
    copy: (from, to) => void slots.set(to, rows(from).slice()),
    async read(slot) {
      reads++
      await new Promise(setImmediate)
      return rows(slot).slice()
    },
    write: (slot, state) => void slots.set(slot, state.slice()),
    dispose() {},
    used: () => slots.size,
    reads: () => reads,
  }
}

/** Two copies in slots, three in memory, the rest in a file of a fake disk. */
function setUp({ most = 50, room = Infinity } = {}) {
  const pool = createFakePool(most)
  const { disk, directory } = createFakeDirectory()
  const { openTemporaryFile } = createStore({ open: async () => directory, room: async () => room })
  const budgets = { keptOnGpu: 2 * BYTES, keptInMemory: 3 * BYTES }
  return { pool, disk, kept: createKeptStates({ pool, openTemporaryFile, budgets }), budgets }
}

/** Keep a state of its own for each of `count` seeds, each as it comes. */
async function keepMany(pool: StatePool, keep: (slot: number) => Promise<KeptState>, count: number) {
  const slot = await pool.allocate()
  const states: KeptState[] = []
  for (let seed = 0; seed < count; seed++) {
    pool.write(slot, rowsOf(seed))
    states.push(await keep(slot))
  }
  return { slot, states }
}

async function expectAll(pool: StatePool, slot: number, states: readonly KeptState[]) {
  for (const [seed, state] of states.entries()) {
    state.restore(slot)
    expect(await pool.read(slot)).toEqual(rowsOf(seed))
    expect(await state.read()).toEqual(rowsOf(seed))
  }
}

describe('kept states', () => {
  test('stay in slots while the device is lost, where nothing can be read, and leave them afterwards', async () => {
    const loss = new AbortController()
    let lost = loss.signal
    const pool = {
      ...createFakePool(),
      device: {
        get lost() {
          return lost
        },
      },
    }
    const kept = createKeptStates({ pool, budgets: { keptOnGpu: 2 * BYTES, keptInMemory: 0 } })
    loss.abort()
    const { slot, states } = await keepMany(pool, kept.keep, 5)
    expect([pool.used(), pool.reads()]).toEqual([1 + 5, 0])
    lost = new AbortController().signal
    pool.write(slot, rowsOf(5))
    states.push(await kept.keep(slot))
    expect(pool.used()).toBe(1 + 2)
    await expectAll(pool, slot, states)
  })

  test('lie in slots, then in memory, then in a file, are equal to the bit, and leave nothing anywhere', async () => {
    const { pool, disk, kept } = setUp()
    const { slot, states } = await keepMany(pool, kept.keep, 10)
    expect(pool.used()).toBe(1 + 2)
    expect(disk.used).toBe(5 * BYTES)
    await expectAll(pool, slot, states)
    for (const state of states) state.release()
    expect(pool.used()).toBe(1)
    expect(disk.used).toBe(0)
    await kept.dispose()
    expect(disk.files.size).toBe(0)
  })

  test('give up their slots, the oldest first, where others need them, and are what they were', async () => {
    const { pool, kept } = setUp()
    const { slot, states } = await keepMany(pool, kept.keep, 2)
    expect([await kept.leaveSlot(), pool.used()]).toEqual([true, 1 + 1])
    expect([await kept.leaveSlot(), pool.used()]).toEqual([true, 1])
    expect(await kept.leaveSlot()).toBe(false)
    await expectAll(pool, slot, states)
  })

  test('in a slot are read from the GPU once, however often they are saved, also when they leave it', async () => {
    const { pool, kept } = setUp()
    const { slot, states } = await keepMany(pool, kept.keep, 2)
    for (let save = 0; save < 3; save++) for (const state of states) await state.read()
    expect(pool.reads()).toBe(2)
    const others = await keepMany(pool, kept.keep, 2)
    expect(pool.reads()).toBe(2)
    await expectAll(pool, slot, states)
    await expectAll(pool, slot, others.states)
  })

  test('one that is read while it leaves its slot, which then holds something else, is read as it was', async () => {
    const { pool, kept } = setUp()
    const { slot, states } = await keepMany(pool, kept.keep, 2)
    const [, oldest] = await Promise.all([kept.keep(slot), states[0]?.read()])
    expect(oldest).toEqual(rowsOf(0))
    await expectAll(pool, slot, states)
  })

  test('what is kept or given back once the model has gone does no harm, and leaves no file', async () => {
    const { pool, disk, kept } = setUp()
    const { slot, states } = await keepMany(pool, kept.keep, 10)
    await kept.dispose()
    for (const state of [...states, await kept.keep(slot), await kept.keep(slot)]) state.release()
    expect(disk.files.size).toBe(0)

    const unused = setUp()
    await unused.kept.dispose()
    await keepMany(unused.pool, unused.kept.keep, 10)
    expect(unused.disk.files.size).toBe(0)
  })

  test('however they are kept, shared and given back, at the same time too, each stays what it was', async () => {
    const move = fc.record({ kind: fc.constantFrom('keep', 'hold', 'share', 'release'), at: fc.nat(99) })
    const law = fc.asyncProperty(fc.array(fc.array(move, { maxLength: 6 }), { maxLength: 12 }), async (rounds) => {
      const { pool, disk, kept } = setUp({ most: 4 }) // beyond it copies go to memory at once
      const slot = await pool.allocate()
      const held = new Set<{ seed: number; state: KeptState }>()
      let seed = 0
      for (const round of rounds) {
        pool.write(slot, rowsOf(++seed))
        const [now] = [seed]
        const make = async ({ kind, at }: { kind: string; at: number }) => {
          const one = [...held][at % Math.max(1, held.size)]
          if (kind === 'keep') held.add({ seed: now, state: await kept.keep(slot) })
          else if (kind === 'hold') held.add({ seed: at, state: await kept.hold(rowsOf(at)) })
          else if (one && kind === 'share') held.add({ seed: one.seed, state: one.state.share() })
          else if (one && held.delete(one)) one.state.release()
        }
        await Promise.all(round.map(make))
        for (const { seed, state } of held) expect(await state.read()).toEqual(rowsOf(seed))
      }
      for (const { seed, state } of held) {
        state.restore(slot)
        expect(await pool.read(slot)).toEqual(rowsOf(seed))
        state.release()
        state.release()
      }
      expect(pool.used()).toBe(1)
      expect(disk.used).toBe(0)
      await kept.dispose()
      expect(disk.files.size).toBe(0)
    })
    await fc.assert(law, { numRuns: 100 })
  })

  test.each(['throw', 'nonsense'] as const)('where the disk is full (%s) the rest stays in memory', async (manner) => {
    const { pool, disk, kept } = setUp()
    disk.quota = 2.5 * BYTES
    disk.manner = manner
    const { slot, states } = await keepMany(pool, kept.keep, 12)
    await expectAll(pool, slot, states)
    for (const state of states) state.release()
    expect(disk.used).toBe(0)
  })

  test('take half of the room that the device has, and the rest stays in memory', async () => {
    const { pool, disk, kept } = setUp({ room: 7 * BYTES })
    const { slot, states } = await keepMany(pool, kept.keep, 12)
    expect(disk.used).toBe(3 * BYTES)
    await expectAll(pool, slot, states)
    for (const state of states) state.release()
    expect(disk.used).toBe(0)
  })

  test('where storage is refused all stay in memory, and it is asked for once', async () => {
    const { pool, budgets } = setUp()
    let asked = 0
    const openTemporaryFile = async () => {
      asked++
      throw new DOMException('no storage here', 'SecurityError')
    }
    const kept = createKeptStates({ pool, openTemporaryFile, budgets })
    const { slot, states } = await keepMany(pool, kept.keep, 12)
    await expectAll(pool, slot, states)
    expect(asked).toBe(1)
    await kept.dispose()
  })
})
