import { expect, test } from 'vitest'
import { type Branch, originOf, tellApart, treeOf } from '../../demo/conversations/branches.ts'

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
