/**
 * @file CPU time of a browser: of all threads of its process and of those it started, by Linux' scheduler. On a software
 * adapter that is the work done, however many others wait for the same cores.
 */

import { readdirSync, readFileSync } from 'node:fs'

/** Milliseconds of CPU time so far of each thread, by `pid/tid`. */
export type ThreadTimes = ReadonlyMap<string, number>

/** CPU milliseconds of a thread, from its /proc/PID/task/TID/schedstat: nanoseconds on a core, waiting, switches. */
export function parseSchedstat(text: string): number {
  const [onCore = ''] = text.split(' ')
  if (!/^\d+$/.test(onCore)) throw new SyntaxError(`schedstat is "${text.trim()}"; expected three numbers`)
  return Number(onCore) / 1e6
}

/** The parent of a process, from its /proc/PID/stat, in which the name, in brackets, may hold anything. */
export function parseParent(text: string): number {
  return Number(text.slice(text.lastIndexOf(')') + 1).split(' ')[2])
}

/** `root` and all that descend from it. */
export function treeOf(root: number, parents: ReadonlyMap<number, number>): number[] {
  const children = [...parents].filter(([, parent]) => parent === root).map(([pid]) => pid)
  return [root, ...children.flatMap((pid) => treeOf(pid, parents))]
}

/** What was used between two looks. A thread that has ended since takes its last moments with it. */
export function usedSince(before: ThreadTimes, after: ThreadTimes): number {
  let sum = 0
  for (const [thread, ms] of after) sum += ms - (before.get(thread) ?? 0)
  return sum
}

/** A clock that stands at 0 ms now and runs with the CPU time of the tree of processes under `root`. Linux only. */
export function createProcessClock(root: number): () => number {
  let last = readTree(root)
  let used = 0
  return () => {
    const now = readTree(root)
    used += usedSince(last, now)
    last = now
    return used
  }
}

function readTree(root: number): ThreadTimes {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) && ifThere(() => readFileSync(`/proc/${name}/stat`, 'utf8'))
    if (stat) parents.set(Number(name), parseParent(stat))
  }
  const times = new Map<string, number>()
  for (const pid of treeOf(root, parents)) {
    for (const tid of ifThere(() => readdirSync(`/proc/${pid}/task`)) ?? []) {
      const text = ifThere(() => readFileSync(`/proc/${pid}/task/${tid}/schedstat`, 'utf8'))
      if (text) times.set(`${pid}/${tid}`, parseSchedstat(text))
    }
  }
  return times
}

/** Processes and threads end while one looks. */
function ifThere<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}
