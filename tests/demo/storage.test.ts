import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createNotKept } from '../../demo/panels/not-kept.ts'
import { createSmallStorage } from '../../demo/storage.ts'

/** The browser's storage, which refuses some names for now, and what the page was told. */
function browser() {
  const kept = new Map<string, string>()
  const refused = new Set<string>()
  const told: string[] = []
  const storage = createSmallStorage({
    open: () => ({
      getItem: (key) => kept.get(key) ?? null,
      setItem(key, value) {
        if (refused.has(key)) throw new DOMException('full', 'QuotaExceededError')
        kept.set(key, value)
      },
    }),
    onTrouble: () => told.push('trouble'),
    onWell: () => told.push('well'),
  })
  return { kept, refused, told, storage }
}

const name = fc.constantFrom('drafts', 'settings', 'starts')

describe('a small thing', () => {
  test('reads as it was written last, whatever was refused, and lies in the browser once that takes it', () => {
    const write = fc.record({ key: name, value: fc.string(), refused: fc.uniqueArray(name) })
    fc.assert(
      fc.property(fc.array(write), (writes) => {
        const { kept, refused, told, storage } = browser()
        const last = new Map<string, string>()
        let pending = new Set<string>()
        const expected: string[] = []
        for (const one of writes) {
          refused.clear()
          for (const key of one.refused) refused.add(key)
          const wasWell = pending.size === 0
          pending = new Set([...pending, one.key].filter((key) => refused.has(key)))
          if (wasWell !== (pending.size === 0)) expected.push(wasWell ? 'trouble' : 'well')
          storage.setItem(one.key, one.value)
          last.set(one.key, one.value)
          expect(told).toEqual(expected)
          for (const [key, value] of last) {
            expect(storage.getItem(key)).toBe(value)
            if (!pending.has(key)) expect(kept.get(key)).toBe(value)
          }
        }
        refused.clear()
        storage.setItem('end', '')
        expect(Object.fromEntries(kept)).toEqual({ ...Object.fromEntries(last), end: '' })
      }),
    )
  })

  test('lasts as long as the page where storage is not allowed', () => {
    const told: unknown[] = []
    const refusal = new DOMException('no', 'SecurityError')
    const storage = createSmallStorage({
      open: () => {
        throw refusal
      },
      onTrouble: (error) => told.push(error),
      onWell: () => told.push('well'),
    })
    expect(storage.getItem('settings')).toBeNull()
    storage.setItem('settings', 'dark')
    storage.setItem('drafts', 'Hello')
    expect([storage.getItem('settings'), storage.getItem('drafts')]).toEqual(['dark', 'Hello'])
    expect(told).toEqual([refusal])
  })
})

describe('of all that cannot be written', () => {
  /** Notices as they are shown. */
  function show() {
    const shown = new Map<string, () => void>()
    const createWriter = createNotKept(
      {
        show(sentence) {
          const takeBack = shown.get(sentence) ?? (() => void shown.delete(sentence))
          shown.set(sentence, takeBack)
          return takeBack
        },
      },
      () => {},
    )
    return { shown, writers: [createWriter(), createWriter()] as const }
  }
  const full = new DOMException('full', 'QuotaExceededError')
  const forbidden = new DOMException('forbidden', 'SecurityError')

  test('one notice speaks, with the latest reason, until the last of it is written', () => {
    const { shown, writers } = show()
    const [conversations, small] = writers
    conversations.onTrouble(full)
    expect([...shown.keys()]).toEqual([expect.stringContaining('no room')])
    small.onTrouble(full)
    small.onTrouble(forbidden)
    expect([...shown.keys()]).toEqual([expect.stringContaining('forbidden')])
    conversations.onWell()
    expect(shown.size).toBe(1)
    small.onWell()
    expect(shown.size).toBe(0)
    small.onTrouble(full)
    expect(shown.size).toBe(1)
  })
})
