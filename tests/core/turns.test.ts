import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createTurns } from '../../src/core/turns.ts'

test('whatever each takes and however it ends, work never overlaps and goes in the order of the calls', async () => {
  const works = fc.array(fc.record({ waits: fc.nat(3), fails: fc.boolean() }), { maxLength: 10 })
  const law = fc.asyncProperty(works, async (all) => {
    const turns = createTurns()
    const order: string[] = []
    const results = all.map(({ waits, fails }, i) =>
      turns(async () => {
        order.push(`begin ${i}`)
        for (let n = 0; n < waits; n++) await Promise.resolve()
        order.push(`end ${i}`)
        if (fails) throw i
        return i
      }),
    )
    const outcomes = await Promise.allSettled(results)
    expect(order).toEqual(all.flatMap((_, i) => [`begin ${i}`, `end ${i}`]))
    const expected = all.map(({ fails }, i) =>
      fails ? { status: 'rejected', reason: i } : { status: 'fulfilled', value: i },
    )
    expect(outcomes).toEqual(expected)
  })
  await fc.assert(law)
})

test('work that throws before its first wait fails its own call alone', async () => {
  const turns = createTurns()
  const failed = turns(() => {
    throw new Error('at once')
  })
  await expect(failed).rejects.toThrow('at once')
  expect(await turns(async () => 'next')).toBe('next')
})

test('work asked for within work waits until that has ended', async () => {
  const turns = createTurns()
  const order: string[] = []
  let inner: Promise<void> | undefined
  await turns(async () => {
    inner = turns(async () => {
      order.push('inner')
    })
    await Promise.resolve()
    order.push('outer')
  })
  await inner
  expect(order).toEqual(['outer', 'inner'])
})

test('two queues do not wait for each other', async () => {
  const [first, second] = [createTurns(), createTurns()]
  let release = () => {}
  const blocked = first(() => new Promise<void>((resolve) => (release = resolve)))
  expect(await second(async () => 'through')).toBe('through')
  release()
  await blocked
})
