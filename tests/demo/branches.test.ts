import { expect, test } from 'vitest'
import { type Branch, originOf, realOf, tellApart, treeOf, versionsOf } from '../../demo/conversations/branches.ts'

const branch = (id: string, from?: readonly [string, number]): Branch => ({
  id,
  title: id,
  ...(from && { from: { branch: from[0], messages: from[1] } }),
})

// a: 0 1 2 3 4 5 …, b leaves it behind 2, c leaves b behind 4
const branches = [branch('a'), branch('b', ['a', 2]), branch('c', ['b', 4])]

test('a fork belongs to the branch that its messages are of', () => {
  const origin = (id: string, messages: number) => originOf(branches, { branch: id, messages })
  expect(origin('c', 5)).toEqual({ branch: 'c', messages: 5 })
  expect(origin('c', 4)).toEqual({ branch: 'b', messages: 4 }) // beside c
  expect(origin('c', 3)).toEqual({ branch: 'b', messages: 3 })
  expect(origin('c', 2)).toEqual({ branch: 'a', messages: 2 })
  expect(origin('c', 0)).toEqual({ branch: 'a', messages: 0 })
  expect(origin('a', 0)).toEqual({ branch: 'a', messages: 0 })
})

test('the tree holds every branch once, below the one that it leaves', () => {
  const all = [...branches, branch('d', ['a', 4]), branch('e', ['b', 4])]
  const [a, b, c, d, e] = all
  expect(treeOf(all)).toEqual({
    branch: a,
    children: [
      {
        branch: b,
        children: [
          { branch: c, children: [] },
          { branch: e, children: [] },
        ],
      },
      { branch: d, children: [] },
    ],
  })
  expect(treeOf([])).toBeUndefined()
})

test('a branch that is called as another one takes another name, any other keeps its own', () => {
  const twins = [branch('a'), { ...branch('b', ['a', 2]), title: 'a' }]
  expect(tellApart(twins, 'b', 'new').map(({ title }) => title)).toEqual(['a', 'new'])
  expect(tellApart(branches, 'b', 'new')).toEqual(branches)
})

test('the versions of a message are found from each of them, and from what was said after it', () => {
  const version = (id: string, from: readonly [string, number]): Branch => ({ ...branch(id, from), isVersion: true })
  // a: 0 1 2 3; message 2 was said again as b and c; the reply to c, its message 3, was made anew as d; e leaves c behind 4
  const all = [
    branch('a'),
    version('b', ['a', 2]),
    version('c', ['a', 2]),
    version('d', ['c', 3]),
    branch('e', ['c', 4]),
  ]
  const shown = (id: string) => [0, 1, 2, 3, 4].map((place) => versionsOf(all, id, place))
  const second = (at: number) => ({ branches: ['a', 'b', 'c'], shown: at })
  const third = (at: number) => ({ branches: ['c', 'd'], shown: at })
  expect(shown('a')).toEqual([undefined, undefined, second(0), undefined, undefined])
  expect(shown('b')).toEqual([undefined, undefined, second(1), undefined, undefined])
  expect(shown('c')).toEqual([undefined, undefined, second(2), third(0), undefined])
  expect(shown('d')).toEqual([undefined, undefined, second(2), third(1), undefined])
  expect(shown('e')).toEqual([undefined, undefined, second(2), third(0), undefined])
  expect(versionsOf(branches, 'b', 2)).toBeUndefined() // those are branches
})

test('the tree has no versions, and a branch of a version is one of what that is a version of', () => {
  const all: Branch[] = [branch('a'), { ...branch('b', ['a', 2]), isVersion: true }, branch('c', ['b', 4])]
  const [a, , c] = all
  expect(treeOf(all)).toEqual({ branch: a, children: [{ branch: c, children: [] }] })
  expect(all.map(({ id }) => realOf(all, id))).toEqual(['a', 'a', 'c'])
})
