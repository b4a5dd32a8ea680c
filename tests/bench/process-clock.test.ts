import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { createProcessClock, parseParent, parseSchedstat, treeOf, usedSince } from './process-clock.ts'

test("schedstat's first number is nanoseconds on a core", () => {
  expect(parseSchedstat('1234567890 987654321 42\n')).toBe(1234.56789)
})

test.each(['', 'cpu0 1 2 3', '-5 0 0', '1.5 0 0'])('"%s" is no schedstat', (text) => {
  expect(() => parseSchedstat(text)).toThrow(SyntaxError)
})

test.each([
  ['123 (chromium) S 77 123 123 0 -1', 77],
  ['123 (a) b (c) R 5 1 1', 5],
  ['9 (4 5 6) S 8 9 9', 8],
])('the parent in "%s" is %d', (text, parent) => {
  expect(parseParent(text)).toBe(parent)
})

test('a tree has all generations, and nobody else', () => {
  const parents = new Map([
    [1, 0],
    [10, 1],
    [11, 10],
    [12, 11],
    [13, 10],
    [20, 1],
  ])
  expect(treeOf(10, parents).toSorted((a, b) => a - b)).toEqual([10, 11, 12, 13])
  expect(treeOf(20, parents)).toEqual([20])
})

describe('what was used between two looks', () => {
  test('is the sum over threads, of new ones all of it', () => {
    const before = new Map([
      ['1/1', 100],
      ['1/2', 50],
    ])
    const after = new Map([
      ['1/1', 130],
      ['1/2', 50],
      ['2/2', 7],
    ])
    expect(usedSince(before, after)).toBe(37)
  })

  test('does not fall when a thread ends', () => {
    expect(
      usedSince(
        new Map([
          ['1/1', 100],
          ['1/2', 900],
        ]),
        new Map([['1/1', 101]]),
      ),
    ).toBe(1)
  })
})

test('a clock runs with the work of a process, and stands while it waits', async () => {
  const work = 'const end = process.cpuUsage().user + 5e4; while (process.cpuUsage().user < end); console.log("done")'
  const code = `process.stdin.on("data", () => { ${work} }); console.log("ready")`
  const child = spawn(process.execPath, ['-e', code], { stdio: ['pipe', 'pipe', 'inherit'] })
  const said = () => once(child.stdout, 'data')
  await said()
  const clock = createProcessClock(child.pid ?? 0)
  expect(clock()).toBeLessThan(20)
  child.stdin.write('go\n')
  await said()
  expect(clock()).toBeGreaterThan(40)
  child.kill()
  await once(child, 'exit')
})
