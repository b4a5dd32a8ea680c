/** @file A pool of several threads over one shared memory. Between works the others sleep; the one that asks has a share too. */

import type { Owned } from '../core/dispose.ts'
import type { Kernels } from './kernels.ts'
import type { ModelMemory } from './memory.ts'
import type { ThreadWork } from './thread.ts'
import type { ThreadPool } from './thread-pool.ts'

/** A worker that runs `runThread`, in the browser or in node. */
export interface ThreadWorker {
  postMessage(work: ThreadWork): void
  terminate(): unknown
  /** In node: the program need not wait for it. */
  unref?(): void
}

/** Where threads come from. */
export interface Threads {
  /** How many the machine has room for, the one that asks included. */
  readonly cores: number
  /** Starts one; `onError` is to hear if it cannot run. */
  readonly start: (onError: () => void) => ThreadWorker
}

/** A pool whose threads in use can be fewer than it has. The creator disposes it. */
export interface OwnedThreadPool extends ThreadPool, Owned {
  /** How many threads there are, the one that asks included. */
  readonly size: number
  /** From now on `count` of them share a work. */
  use(count: number): void
}

const CALLS_LENGTH = 4096 // i32: works of a step of 32 entries take 600
const READY_MS = 10_000
const GONE_MS = 30_000 // a share takes milliseconds
const [LEFT, FAILED] = [0, 1]
const NOBODY = new Int32Array(2) // is left, or has failed

/** Start `size - 1` others; where they cannot be started, or may not be waited for, the pool is one thread. */
export async function createThreadPool(
  memory: ModelMemory,
  size: number,
  start: Threads['start'] | undefined,
): Promise<OwnedThreadPool> {
  const others = size > 1 && start && mayWait() ? await startOthers(memory, size - 1, start) : undefined
  return others ?? { ...poolOf(memory, NOBODY, []), size: 1, dispose() {} }
}

/** Whether this thread may sleep: the page's own may not. */
function mayWait(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0)
    return true
  } catch {
    return false
  }
}

async function startOthers(
  memory: ModelMemory,
  count: number,
  start: Threads['start'],
): Promise<OwnedThreadPool | undefined> {
  const { module, shared } = memory
  if (!shared) return
  const common = memory.allocate(8)
  const state = memory.integers(common, 2)
  const lists = Array.from({ length: count }, () => createCallList(memory))
  const workers: ThreadWorker[] = []
  const dispose = () => {
    for (const worker of workers) worker.terminate()
  }
  let hasFailed = false
  Atomics.store(state, LEFT, count)
  try {
    for (const { calls } of lists) {
      const worker = start(() => {
        hasFailed = true
      })
      workers.push(worker)
      worker.unref?.()
      worker.postMessage({ module, memory: shared, common, calls, callsLength: CALLS_LENGTH })
    }
    await allReady(state, () => hasFailed)
  } catch {
    dispose()
    return
  }
  return { ...poolOf(memory, state, lists), size: count + 1, dispose }
}

/** Not by sleeping: workers begin only while this thread is awake. @throws Error if they do not */
async function allReady(state: Int32Array, hasFailed: () => boolean): Promise<void> {
  for (const begun = performance.now(); Atomics.load(state, LEFT) > 0; ) {
    if (hasFailed() || performance.now() - begun > READY_MS) throw new Error('threads that do not begin')
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

/** Calls for another thread, as `runThread` finds them. */
interface CallList {
  readonly calls: number
  /** Each call is noted rather than carried out. */
  readonly kernels: Kernels
  clear(): void
  /** Have the thread carry out what is noted. */
  hand(): void
}

function createCallList(memory: ModelMemory): CallList {
  const calls = memory.allocate(CALLS_LENGTH * 4)
  const list = memory.integers(calls, CALLS_LENGTH)
  let end = 2
  const note =
    (place: number) =>
    (...parameters: readonly number[]) => {
      if (end + 1 + parameters.length > CALLS_LENGTH) throw new RangeError('more calls than a thread has room for')
      list[end] = place
      list.set(parameters, end + 1)
      end += 1 + parameters.length
    }
  const names = Object.keys(memory.kernels)
  return {
    calls,
    kernels: Object.fromEntries(names.map((name, place) => [name, note(place)])) as unknown as Kernels,
    clear() {
      end = 2
    },
    hand() {
      list[1] = end
      Atomics.add(list, 0, 1)
      Atomics.notify(list, 0)
    },
  }
}

function poolOf(
  memory: ModelMemory,
  state: Int32Array,
  lists: readonly CallList[],
): Pick<OwnedThreadPool, 'kernels' | 'share' | 'use'> {
  let used = lists.length
  return {
    get kernels() {
      return memory.kernels
    },
    use(count) {
      used = count - 1
    },
    share(work) {
      const count = used + 1
      const handed = lists.slice(0, used)
      handed.forEach((list, i) => {
        list.clear()
        work(list.kernels, { index: i + 1, count })
      })
      Atomics.store(state, LEFT, used)
      for (const list of handed) list.hand()
      try {
        work(memory.kernels, { index: 0, count })
      } finally {
        awaitOthers(state)
      }
    },
  }
}

/** @throws Error if one of them failed, or has gone */
function awaitOthers(state: Int32Array): void {
  for (let left = Atomics.load(state, LEFT); left > 0; left = Atomics.load(state, LEFT)) {
    const isLate = Atomics.wait(state, LEFT, left, GONE_MS) === 'timed-out'
    if (isLate && Atomics.load(state, LEFT) === left) throw new Error('A thread of WebAssembly has gone')
  }
  if (Atomics.load(state, FAILED) > 0) throw new Error('A thread of WebAssembly has failed')
}
