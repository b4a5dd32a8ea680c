import { expect, test } from 'vitest'
import { findConversations } from '../../demo/conversations/search.ts'

const entries = ['Cats', 'Capital of France', 'Boats'].map((title, i) => ({
  id: `c${i}`,
  title,
  changedAt: i,
  model: 'm',
}))
const texts = [
  { id: 'c0', conversation: 'c0', text: 'Once upon a time\nthere was a cat.' },
  { id: 'c1', conversation: 'c1', text: 'Paris' },
  { id: 'c2', conversation: 'c2', text: 'A boat' },
  { id: 'b2', conversation: 'c2', text: `${'word '.repeat(20)}the Seine flows through Paris ${'word '.repeat(20)}` },
]
const find = (query: string) => findConversations(entries, texts, query).map(({ entry }) => entry.id)

test('every word must be in the title or in what was said in one branch, whatever the case', () => {
  expect(find('CAPITAL')).toEqual(['c1'])
  expect(find('paris')).toEqual(['c1', 'c2'])
  expect(find('seine paris')).toEqual(['c2'])
  expect(find('boat paris')).toEqual([]) // in two branches
  expect(find('cat')).toEqual(['c0'])
  expect(find('zebra')).toEqual([])
})

test('what was found in the text shows the words around it, on one line', () => {
  const [, found] = findConversations(entries, texts, 'paris')
  expect(found?.excerpt).toMatch(/^….*Seine flows through Paris word.*…$/)
  const [time] = findConversations(entries, texts, 'upon')
  expect(time?.excerpt).toBe('Once upon a time there was a cat.')
  expect(findConversations(entries, texts, 'capital')[0]?.excerpt).toBeUndefined()
})

test('ten thousand messages are searched in less than 50 ms of CPU', () => {
  const many = Array.from({ length: 200 }, (_, i) => ({
    id: `${i}`,
    conversation: `${i}`,
    text: Array.from({ length: 50 }, (_, k) => `Message ${k} of conversation ${i}, which says this and that.`).join(
      '\n',
    ),
  }))
  const listed = many.map(({ id }) => ({ id, title: 'T', changedAt: 0, model: 'm' }))
  findConversations(listed, many, 'warm up')
  const begun = process.cpuUsage()
  expect(findConversations(listed, many, 'conversation 173,')).toHaveLength(1)
  const { user, system } = process.cpuUsage(begun)
  expect((user + system) / 1000).toBeLessThan(50)
})
