import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRestorePoints } from '../../src/session/restore-points.ts'

/** Two slots, by what their copies have seen. */
function begin(slots = [3, 5]) {
  const held = new Map<number, number>()
  const gone: (number | 'start')[] = []
  const points = createRestorePoints(slots, {
    restoreSlot: (slot) => gone.push(slot),
    restoreStart: () => gone.push('start'),
  })
  /** A copy where one may be made, of a state that has seen so many ids of which `final` are final. */
  const copy = (seen: number, final: number) => {
    const slot = points.spare(final)
    if (slot === undefined) return
    expect(slots).toContain(slot)
    points.kept(slot, seen)
    held.set(slot, seen)
  }
  return { points, held, gone, copy }
}

/** How far each step runs ahead of what is final, and how much becomes final then. */
const steps = fc.array(fc.record({ ahead: fc.nat(6), final: fc.nat(4) }), { maxLength: 30 })

test('a state goes back to the latest copy that has seen no more than was said, and to the start where there is none', () => {
  let [copies, starts] = [0, 0]
  const law = fc.property(steps, fc.nat(9), (all, more) => {
    const { points, held, gone, copy } = begin()
    let final = 0
    for (const step of all) {
      copy(final + step.ahead, final)
      final += step.final
    }
    const said = final + more
    const best = [...held].filter(([, seen]) => seen <= said).sort((a, b) => b[1] - a[1])[0]
    expect(points.restore(said)).toBe(best ? best[1] : -1)
    if (best) expect(held.get(gone[0] as number)).toBe(best[1])
    else expect(gone).toEqual(['start'])
    if (best) copies++
    else starts++
  })
  fc.assert(law, { numRuns: 500 })
  expect(Math.min(copies, starts)).toBeGreaterThan(10)
})

test('once there is a copy of what is final, there always is one: no reply is read again from its start', () => {
  const law = fc.property(steps, (all) => {
    const { points, held, copy } = begin()
    let [final, kept] = [0, -1] // the most that a copy had seen of what was final by then
    for (const step of all) {
      copy(final + step.ahead, final)
      final += step.final
      kept = Math.max(kept, ...[...held.values()].filter((seen) => seen <= final))
      expect(Math.max(-1, ...[...held.values()].filter((seen) => seen <= final))).toBe(kept)
    }
    expect(points.restore(final)).toBe(kept)
  })
  fc.assert(law, { numRuns: 500 })
})

test('without slots there is only the start', () => {
  const { points, gone } = begin([])
  expect(points.spare(5)).toBeUndefined()
  expect(points.restore(9)).toBe(-1)
  expect(gone).toEqual(['start'])
})
