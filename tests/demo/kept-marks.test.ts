import { expect, test, vi } from 'vitest'
import { branchByteLength, marksWithin } from '../../demo/conversations/kept-marks.ts'

const MIB = 1024 * 1024

test('marks are as many as fit into their bytes, within their ends', () => {
  const marks = (stateByteLength: number) => marksWithin(32 * MIB, { stateByteLength }, { least: 4, most: 100 })
  expect([23_000, MIB, 6.5 * MIB, 22 * MIB].map(marks)).toEqual([100, 32, 4, 4])
  expect(marksWithin(16 * MIB, { stateByteLength: 22 * MIB }, { most: 32 })).toBe(0)
  expect(marksWithin(16 * MIB, undefined, { most: 32 })).toBe(1)
})

test('a branch may take a share of what the browser gives the page, and something where it does not say how much', async () => {
  const room = async (estimate: () => Promise<StorageEstimate>) => {
    vi.stubGlobal('navigator', { storage: { estimate } })
    return branchByteLength()
  }
  expect(await room(async () => ({ quota: 20_000 * MIB }))).toBe(10 * MIB)
  expect(await room(async () => ({ quota: 10 ** 15 }))).toBe(32 * MIB)
  expect(await room(async () => ({ quota: 5_000_000 }))).toBe(2 * MIB)
  expect(await room(() => Promise.reject(new TypeError('not allowed')))).toBe(2 * MIB)
  vi.stubGlobal('navigator', {})
  expect(await branchByteLength()).toBe(2 * MIB)
})
