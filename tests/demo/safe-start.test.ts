import { describe, expect, test } from 'vitest'
import { countStarts } from '../../demo/safe-start.ts'

/** What stays between visits. */
function memory() {
  const kept = new Map<string, string>()
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  }
}

/** A visit in which the chat comes to these states; `leaves` ends it in good order. */
function visit(
  storage: ReturnType<typeof memory>,
  states: Parameters<ReturnType<typeof countStarts>['follow']>[0][],
  code?: string,
  leaves = true,
) {
  const starts = countStarts(storage)
  for (const state of states) starts.follow(state, code)
  if (leaves) starts.leave()
  return starts.isWary
}

describe('a page is wary', () => {
  test('behind two starts in a row that the browser did not outlive, until one ends well', () => {
    const storage = memory()
    const crash = () => visit(storage, ['loading'], undefined, false)
    expect([crash(), crash(), crash()]).toEqual([false, false, true])
    expect(visit(storage, ['loading', 'ready'])).toBe(true)
    expect(crash()).toBe(false)
    visit(storage, ['loading', 'ready', 'replying', 'ready'])
    expect([crash(), crash(), crash()]).toEqual([false, false, true])
  })

  test('behind two failures of the GPU or the worker, in one visit too', () => {
    const storage = memory()
    visit(storage, ['loading', 'failed', 'loading', 'failed'], 'gpu/lost')
    expect(visit(storage, [])).toBe(true)
    const other = memory()
    for (let times = 0; times < 2; times++) visit(other, ['loading', 'failed'], 'worker/unavailable')
    expect(visit(other, [])).toBe(true)
  })

  test('but not for a reply that broke off, what the network did, no WebGPU, or a reader who left', () => {
    for (const [states, code] of [
      [['loading', 'failed'], 'file/network'],
      [['loading', 'unsupported'], 'gpu/unavailable'],
      [['loading'], undefined],
      [['loading', 'ready', 'replying', 'failed'], 'gpu/lost'],
    ] as const) {
      const storage = memory()
      for (let times = 0; times < 3; times++) visit(storage, [...states], code)
      expect(visit(storage, []), String(code)).toBe(false)
    }
  })
})
