import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nextTask } from '../../src/core/next-task.ts'
import { createFeeder } from '../../src/feeder/feed.ts'
import type { Forward } from '../../src/forward/forward.ts'
import { lastDrawnOf, type StepEntry } from '../../src/forward/step-buffer.ts'

const limits = { rows: 256, entries: 32, outputs: 32 }

/**
 * A forward pass that only keeps books: the state of a slot is the ids it was fed, its logits are how many there are, the
 * last id, and the slot. A row takes `rowMs`, times what `busy` says of the step.
 */
function bookkeeper({ rowMs = 1, failAt = -1, mostRows = limits.rows, busy = (_step: number): number => 1 } = {}) {
  const states = new Map<number, number[]>()
  const steps: StepEntry[][] = []
  let time = 0
  let calls = 0
  const drawnBy = new Map<number, number>() // reply -> id
  let underWay = 0
  let mostUnderWay = 0
  const forward: { -readonly [Name in keyof Forward]: Forward[Name] } = {
    limits,
    step: async (batch) => (await forward.draw(batch)).logits,
    async draw(batch) {
      await null
      if (calls++ === failAt) throw new Error('lost')
      const rows = batch.reduce((sum, { ids }) => sum + ids.length, 0)
      expect(new Set(batch.map(({ slot }) => slot)).size).toBe(batch.length)
      expect(batch.length).toBeLessThanOrEqual(limits.entries)
      expect(rows).toBeLessThanOrEqual(limits.rows)
      expect(batch.every(({ ids }) => ids.length > 0)).toBe(true)
      steps.push([...batch])
      time += rows * rowMs * busy(steps.length - 1)
      const drawn: number[] = []
      const logits = batch.flatMap(({ slot, ids, outputs }) => {
        const state = states.get(slot) ?? []
        states.set(slot, state)
        const all = ids.map((id) => {
          const fed = id >= 2 ** 31 ? (drawnBy.get(id - 2 ** 31) as number) : id
          return Float32Array.of(state.push(fed), fed, slot)
        })
        if (typeof outputs !== 'object') return outputs === 'all' ? all : outputs === 'last' ? all.slice(-1) : []
        expect(outputs.index).toBe(state.length - 1)
        drawnBy.set(outputs.reply, slot * 1000 + state.length)
        drawn.push(slot * 1000 + state.length)
        return []
      })
      expect(logits.length).toBeLessThanOrEqual(limits.outputs)
      mostUnderWay = Math.max(mostUnderWay, ++underWay)
      const heard = (async () => {
        for (let i = 0; i < 3; i++) await nextTask()
        underWay -= 1
        return Uint32Array.from(drawn)
      })()
      return { logits, drawn: heard }
    },
    profile: () => Promise.reject(new Error('not in these tests')),
    trace: () => Promise.reject(new Error('not used')),
    replies: { begin: () => undefined, end() {} },
    dispose() {},
  }
  const feeder = createFeeder(forward, () => time, mostRows)
  /** A reply: `count` ids, one after the other. */
  const reply = async (slot: number, count: number) => {
    for (let i = 0; i < count; i++) {
      const [logits] = await feeder.feed([{ slot, ids: [i] }])
      expect([...logits]).toEqual([i + 1, i, slot])
    }
  }
  /** A reply whose ids are drawn on the GPU: with as many under way as it should. */
  const drawnReply = async (slot: number, count: number) => {
    const coming: Promise<number>[] = []
    for (let asked = 0, heard = 0; heard < count; heard++) {
      while (asked < count && coming.length < feeder.ahead) {
        const ids = [asked === 0 ? slot : lastDrawnOf(slot)]
        coming.push((await feeder.draw({ slot, ids, reply: slot, index: asked++ })).id)
      }
      expect(await coming.shift()).toBe(slot * 1000 + heard + 1)
    }
  }
  const sizes = () => steps.map((step) => step.length)
  return { feeder, forward, states, steps, reply, drawnReply, sizes, mostUnderWay: () => mostUnderWay }
}

const ids = (count: number) => Array.from({ length: count }, (_, i) => i)

describe('the feeder', () => {
  test('steps replies together that are made at the same time, also those that join later', async () => {
    const { feeder, reply, sizes } = bookkeeper()
    await Promise.all([0, 1, 2].map((slot) => reply(slot, 10)))
    expect(sizes()).toEqual(Array(10).fill(3))
    const late = async () => {
      await feeder.feed([{ slot: 9, ids: [0] }]) // joins at the second step
      await reply(8, 3)
    }
    const before = sizes().length
    await Promise.all([reply(5, 4), late()])
    expect(sizes().slice(before)).toEqual([2, 2, 2, 2])
  })

  test('a single reply takes one step a token', async () => {
    const { reply, sizes } = bookkeeper()
    await reply(0, 7)
    expect(sizes()).toEqual(Array(7).fill(1))
  })

  test('several steps of draws are under way, and what is fed is what was drawn', async () => {
    const { drawnReply, states, sizes, mostUnderWay } = bookkeeper()
    await drawnReply(3, 20)
    expect(states.get(3)).toEqual([3, ...ids(19).map((i) => 3001 + i)])
    expect(sizes()).toEqual(Array(20).fill(1))
    expect(mostUnderWay()).toBeGreaterThanOrEqual(2)
    expect(mostUnderWay()).toBeLessThanOrEqual(8)
  })

  test('replies that are drawn on the GPU are stepped together, whenever they joined', async () => {
    const { drawnReply, feeder, sizes } = bookkeeper()
    const late = async (slot: number, after: number) => {
      await feeder.feed([{ slot: slot + 100, ids: ids(after) }], { chunk: 1 })
      await drawnReply(slot, 30)
    }
    await Promise.all([drawnReply(1, 40), late(2, 2), late(3, 5), late(4, 6)])
    const total = 40 + 3 * 30 + 13
    expect(sizes().reduce((sum, size) => sum + size)).toBe(total)
    expect(sizes().length).toBeLessThanOrEqual(total / 3)
    expect(sizes().filter((size) => size === 4).length).toBeGreaterThan(20)
  })

  test('replies that hear of their ids one after another, each in a task of its own, are stepped together', async () => {
    const { feeder, forward, sizes } = bookkeeper()
    const { draw } = forward
    forward.draw = async (batch) => {
      const { logits, drawn } = await draw(batch)
      return { logits, drawn: Promise.resolve(await drawn) } // of a GPU that is faster than a task
    }
    const slots = [1, 2, 3, 4, 5, 6]
    const speak = async (slot: number) => {
      for (let index = 0; index < 20; index++) {
        const { id } = await feeder.draw({ slot, ids: [index], reply: slot, index })
        await nextTask()
        await id
      }
    }
    await Promise.all(slots.map(speak))
    expect(sizes()).toEqual(Array(20).fill(6))
  })

  test('an id that could not be drawn is an error of its reply alone, where nobody listens of none', async () => {
    const { feeder, forward } = bookkeeper()
    const { draw } = forward
    forward.draw = async (batch) => ({ ...(await draw(batch)), drawn: Promise.resolve(Uint32Array.of(2 ** 31 + 5, 7)) })
    const [wrong, right] = await Promise.all(
      [1, 2].map((slot) => feeder.draw({ slot, ids: [0], reply: slot, index: 0 })),
    )
    await expect(wrong.id).rejects.toMatchObject({
      code: 'model/not-finite',
      message: expect.stringContaining('token 5'),
    })
    expect(await right.id).toBe(7)
  })

  test('more than 32 replies take turns, and none waits longer than another', async () => {
    const { reply, steps } = bookkeeper()
    await Promise.all(ids(50).map((slot) => reply(slot, 12)))
    const waits = ids(50).map((slot) => {
      const at = steps.flatMap((step, i) => (step.some((entry) => entry.slot === slot) ? [i] : []))
      return Math.max(...at.slice(1).map((step, i) => step - at[i]))
    })
    expect(Math.max(...waits)).toBeLessThanOrEqual(2)
    expect(steps.length).toBeLessThanOrEqual(Math.ceil((50 * 12) / 32) + 6)
  })

  test('a prompt does not starve replies, nor replies a prompt', async () => {
    const { feeder, reply, steps } = bookkeeper({ rowMs: 5 }) // 30 rows are in time, fewer than there are replies
    await Promise.all([feeder.feed([{ slot: 99, ids: ids(1000) }]), ...ids(40).map((slot) => reply(slot, 20))])
    for (const step of steps) {
      expect(step.reduce((sum, entry) => sum + entry.ids.length, 0) * 5).toBeLessThanOrEqual(31 * 5 + 150 / 2)
    }
    const ofPrompt = steps.flatMap((step) => step.filter(({ slot }) => slot === 99).map((entry) => entry.ids.length))
    for (const length of ofPrompt.slice(1, -1)) expect(length).toBeGreaterThanOrEqual(15) // half of what is in time
    for (const slot of ids(40)) {
      const count = steps.slice(0, 20).filter((step) => step.some((entry) => entry.slot === slot)).length
      expect(count).toBeGreaterThanOrEqual(9)
    }
  })

  test('a step is at most twice as long as the one before, however fast that was', async () => {
    const { feeder, steps } = bookkeeper({ busy: (step) => (step === 0 ? 0 : 1) })
    await feeder.feed([{ slot: 1, ids: ids(600) }])
    const lengths = steps.map(([entry]) => entry?.ids.length ?? 0)
    expect(lengths.slice(0, 2)).toEqual([8, 16])
    lengths.slice(1).forEach((length, i) => {
      expect(length).toBeLessThanOrEqual(2 * (lengths[i] as number))
    })
  })

  test('a prompt takes no more steps while others keep the machine busy now and then, and never fewer than 8 ids a step', async () => {
    const stepsOf = async (busy: (step: number) => number) => {
      const { feeder, steps } = bookkeeper({ busy })
      await feeder.feed([{ slot: 1, ids: ids(2000) }])
      expect(Math.min(...steps.slice(0, -1).map(([entry]) => entry?.ids.length ?? 0))).toBeGreaterThanOrEqual(8)
      return steps.length
    }
    const quiet = await stepsOf(() => 1)
    expect(await stepsOf((step) => (step % 3 === 0 ? 1 : 20))).toBeLessThanOrEqual(quiet + 5)
    expect(await stepsOf(() => 1000)).toBe(2000 / 8)
  })

  test('a signal that throws when it is asked ends its own feed alone', async () => {
    const { feeder } = bookkeeper()
    const trap = Object.defineProperty(new AbortController().signal, 'throwIfAborted', {
      get() {
        throw new Error('a trap')
      },
    })
    const trapped = expect(feeder.feed([{ slot: 1, ids: ids(9) }], { signal: trap })).rejects.toThrow('a trap')
    const [logits] = await feeder.feed([{ slot: 2, ids: [7] }])
    await trapped
    expect([...logits]).toEqual([1, 7, 2])
  })

  test('one that is aborted stops between two steps, and the others get what they would have got', async () => {
    const { feeder, states, reply } = bookkeeper({ rowMs: 50 })
    const stop = new AbortController()
    const onStep = (fed: number) => fed >= 6 && stop.abort(new Error('enough'))
    const aborted = feeder.feed([{ slot: 7, ids: ids(500) }], { signal: stop.signal, onStep })
    await Promise.all([expect(aborted).rejects.toThrow('enough'), reply(1, 30)])
    const fed = [...(states.get(7) ?? [])]
    expect(fed.length).toBeGreaterThanOrEqual(6)
    expect(fed.length).toBeLessThan(30)
    await feeder.feed([{ slot: 7, ids: [1] }]) // the slot is free for the next one
    await expect(feeder.feed([{ slot: 7, ids: [1] }], { signal: stop.signal })).rejects.toThrow('enough')
    expect(states.get(7)?.length).toBe(fed.length + 1)
  })

  test('an error of a step is heard by those in it, and the next feed begins anew', async () => {
    const { feeder } = bookkeeper({ failAt: 0 })
    const both = [1, 2].map((slot) => feeder.feed([{ slot, ids: [1] }]))
    for (const one of both) await expect(one).rejects.toThrow('lost')
    const [logits] = await feeder.feed([{ slot: 1, ids: [5] }])
    expect([...logits]).toEqual([1, 5, 1])
  })

  test('chunk is how many ids go into a step, and 256 rows are the most', async () => {
    const { feeder, steps } = bookkeeper()
    await feeder.feed([{ slot: 1, ids: ids(10) }], { chunk: 4 })
    await feeder.feed([{ slot: 2, ids: ids(600) }], { chunk: 600 })
    await feeder.feed(
      [3, 4].map((slot) => ({ slot, ids: ids(200) })),
      { chunk: 200 },
    )
    const lengths = steps.map((step) => step.map((entry) => entry.ids.length))
    expect(lengths).toEqual([[4], [4], [2], [256], [256], [88], [128, 128], [72, 72]])
  })

  test('where one row is the most, no step takes more of a prompt', async () => {
    const { feeder, steps, states } = bookkeeper({ mostRows: 1 })
    await feeder.feed([{ slot: 1, ids: ids(12) }])
    expect(steps.map((batch) => batch[0].ids.length)).toEqual(Array(12).fill(1))
    expect(states.get(1)).toEqual(ids(12))
  })

  test('whoever feeds what at the same time: each state sees its ids in order and gets its own logits', async () => {
    const call = fc.record({ length: fc.integer({ min: 1, max: 70 }), all: fc.boolean(), chunk: fc.option(fc.nat(40)) })
    const law = fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 50 }), async (calls) => {
      const { feeder, states } = bookkeeper()
      const run = async ({ length, all, chunk }: (typeof calls)[number], slot: number) => {
        const options = chunk ? { chunk } : {}
        if (!all) {
          const [logits] = await feeder.feed([{ slot, ids: ids(length) }], options)
          expect([...logits]).toEqual([length, length - 1, slot])
          return
        }
        const rows = await feeder.feedAll({ slot, ids: ids(length) }, options)
        expect(rows.map((row) => [...row])).toEqual(ids(length).map((id) => [id + 1, id, slot]))
      }
      await Promise.all(calls.map(run))
      calls.forEach(({ length }, slot) => {
        expect(states.get(slot)).toEqual(ids(length))
      })
    })
    await fc.assert(law, { numRuns: 100 })
  })
})
