import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nothingSeen, type Seen, seenAfter } from '../../src/session/conversation.ts'
import type { KeptState } from '../../src/session/kept-states.ts'
import { createPrefixes } from '../../src/session/prefixes.ts'

/** States that count how many of them are held. */
function states() {
  let held = 0
  const names = new Map<KeptState, string>()
  const make = (name: string): KeptState => {
    held++
    let mine = true
    const state = {
      restore() {},
      read: () => Promise.reject(new Error('not used')),
      share: () => make(name),
      release() {
        if (mine) held--
        mine = false
      },
    }
    names.set(state, name)
    return state
  }
  return { make, nameOf: (state: KeptState) => names.get(state), held: () => held }
}

/** `ids`, seen in one go. */
const seenOf = (ids: readonly number[]) => seenAfter(nothingSeen, ids)

const path = fc.array(fc.nat(2), { maxLength: 7 })

describe('known prefixes', () => {
  test('what is found is the longest of those added that the ids begin with', () => {
    const law = fc.property(fc.array(path, { maxLength: 25 }), fc.array(path, { maxLength: 10 }), (added, asked) => {
      const prefixes = createPrefixes(100)
      const { make, nameOf } = states()
      for (const ids of added) prefixes.add(seenOf(ids), make(ids.join()))
      for (const ids of [...asked, ...added]) {
        const best = added
          .filter((one) => one.length > 0 && one.every((id, i) => id === ids[i]))
          .sort((a, b) => b.length - a.length)[0]
        const found = prefixes.find(nothingSeen, ids)
        expect(found && [found.length, nameOf(found.state)]).toEqual(best && [best.length, best.join()])
      }
    })
    fc.assert(law, { numRuns: 500 })
  })

  test('beyond the bound those used longest ago are forgotten, and given back; the rest is still found', () => {
    const step = fc.record({ ids: path, isQuestion: fc.boolean() })
    const law = fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 6 }), (steps, most) => {
      const prefixes = createPrefixes(most)
      const { make, nameOf, held } = states()
      let model: string[] = [] // used last at the end
      const use = (key: string) => {
        model = [...model.filter((one) => one !== key), key].slice(-most)
      }
      for (const { ids, isQuestion } of steps) {
        if (isQuestion) {
          const known = ids.map((_, i) => ids.slice(0, i + 1).join()).filter((key) => model.includes(key))
          const found = prefixes.find(nothingSeen, ids)
          expect(found && nameOf(found.state)).toBe(known.at(-1))
          if (known.length > 0) use(known.at(-1) as string)
        } else {
          prefixes.add(seenOf(ids), make(ids.join()))
          if (ids.length > 0) use(ids.join())
        }
        expect([prefixes.size, held()]).toEqual([model.length, model.length])
      }
    })
    fc.assert(law, { numRuns: 500 })
  })

  test('however the ids came to be seen, the same are the same, and only what goes on from them is found', () => {
    const cuts = fc.array(path, { maxLength: 4 })
    const law = fc.property(cuts, cuts, path, (added, begun, ids) => {
      const prefixes = createPrefixes(4)
      const seenIn = (parts: readonly (readonly number[])[]) => parts.reduce<Seen>(seenAfter, nothingSeen)
      prefixes.add(seenIn(added), states().make('a'))
      const [whole, seen] = [added.flat(), begun.flat()]
      const isFound = whole.length > seen.length && `${[...seen, ...ids]},`.startsWith(`${whole},`)
      expect(prefixes.find(seenIn(begun), ids)?.length).toBe(isFound ? whole.length - seen.length : undefined)
    })
    fc.assert(law, { numRuns: 500 })
  })

  test('ids with the same hash are not taken for each other; the newer are found', () => {
    const byHash = new Map<number | undefined, readonly number[]>()
    const random = fc.sample(fc.array(fc.nat(60_000), { minLength: 4, maxLength: 4 }), { numRuns: 300_000, seed: 1 })
    const [one, other] = (() => {
      for (const ids of random) {
        const { hash } = seenOf(ids)
        const known = byHash.get(hash)
        if (known && known.join() !== ids.join()) return [known, ids]
        byHash.set(hash, ids)
      }
      throw new Error('no two of them have the same hash')
    })()
    const { make, nameOf, held } = states()
    const prefixes = createPrefixes(4)
    prefixes.add(seenOf(one), make('one'))
    expect(prefixes.find(nothingSeen, other)).toBeUndefined()
    prefixes.add(seenOf(other), make('other'))
    expect(prefixes.find(nothingSeen, one)).toBeUndefined()
    const found = prefixes.find(nothingSeen, other)
    expect(found && nameOf(found.state)).toBe('other')
    expect(held()).toBe(1)
  })

  test('counts how often something was found', () => {
    const prefixes = createPrefixes(4)
    prefixes.add(seenOf([1, 2]), states().make('a'))
    for (const ids of [[1], [1, 2], [1, 2, 3], [2]]) prefixes.find(nothingSeen, ids)
    expect(prefixes.hits).toBe(2)
  })

  test('replies are found by their text, the newest of each, as many as fit', () => {
    const prefixes = createPrefixes(2)
    const reply = (id: number) => ({ ids: [id], all: [id, 0] })
    prefixes.addReply('a', reply(1))
    prefixes.addReply('b', reply(2))
    prefixes.addReply('a', reply(3))
    prefixes.addReply('c', reply(4))
    expect(['a', 'b', 'c'].map((text) => prefixes.findReply(text)?.ids)).toEqual([[3], undefined, [4]])
  })
})
