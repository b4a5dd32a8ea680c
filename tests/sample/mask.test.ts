import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createMask } from '../../src/sample/mask.ts'

test('a bit is set where an id is allowed and not banned', () => {
  const law = fc.property(fc.integer({ min: 1, max: 200 }), fc.infiniteStream(fc.nat()), (V, random) => {
    const some = (count: number) => Array.from({ length: count }, () => random.next().value % V)
    const allowed = V % 2 === 0 ? some(20) : undefined
    const banned = [some(3), some(5)]
    const mask = createMask(V, { allowed, banned })
    expect(mask.length).toBe(Math.ceil(V / 32))
    for (let id = 0; id < V; id++) {
      const expected = (allowed?.includes(id) ?? true) && !banned.flat().includes(id)
      expect(((mask[id >>> 5] >>> (id & 31)) & 1) === 1).toBe(expected)
    }
  })
  fc.assert(law)
})
