import { expect, test } from 'vitest'
import { show } from '../../src/core/show.ts'

const deep = (depth: number) => {
  let value: unknown = 1
  for (let i = 0; i < depth; i++) value = { a: value }
  return value
}
const circle: Record<string, unknown> = { a: 1 }
circle.self = circle

test.each<[unknown, string]>([
  [{ a: [1, 'b', null, true] }, '{"a":[1,"b",null,true]}'],
  [undefined, 'undefined'],
  [Number.NaN, 'NaN'],
  ['x'.repeat(100), `"${'x'.repeat(79)}…`],
  [12n, '12'],
  [{ a: 12n, b: () => 1, c: Symbol('d'), e: undefined }, '{"a":12,"b":a function,"c":Symbol(d),"e":undefined}'],
  [deep(1_000_000), `${'{"a":'.repeat(16)}…`],
  [circle, `{"a":1,${'"self":{"a":1,'.repeat(6).slice(0, 73)}…`],
])('%#: what was given is shown, in part if it is long', (value, words) => {
  expect(show(value)).toBe(words)
})

test('a value that will not be looked at is shown as far as it goes', () => {
  const hostile = {
    a: 1,
    get b(): never {
      throw new TypeError('no')
    },
  }
  expect(show(hostile)).toBe('{"a":1,"b": …')
  const revoked = Proxy.revocable({}, {})
  revoked.revoke()
  expect(show(revoked.proxy)).toBe('something …')
})
