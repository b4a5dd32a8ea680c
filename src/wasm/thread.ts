/**
 * @file What one of the other threads does, in a worker of its own: it waits, asleep, for calls of kernels that lie in the
 * memory that it shares, carries them out, and waits again. It never returns; who started it ends it.
 */

/** What a worker is named that is to be such a thread. */
export const THREAD_NAME = 'rwkv-thread'

/** Where a thread is sent its work, once. */
export interface ThreadScope {
  onmessage: ((event: MessageEvent) => void) | null
}

/** Its part of a memory; addresses are bytes. */
export interface ThreadWork {
  readonly module: WebAssembly.Module
  readonly memory: WebAssembly.Memory
  /** Two i32: how many threads are not done yet, and how many have failed. */
  readonly common: number
  /** i32: the number of the round; where the calls end; the calls, each the place of a kernel and what it takes. */
  readonly calls: number
  readonly callsLength: number
}

/** Become such a thread. In node it is sent there as text, so that it may name nothing around it. */
export function runThread(scope: ThreadScope): void {
  scope.onmessage = ({ data }) => {
    const { module, memory, common, calls, callsLength }: ThreadWork = data
    const { exports } = new WebAssembly.Instance(module, { env: { memory } })
    const kernels = Object.values(exports).filter((each): each is CallableFunction => typeof each === 'function')
    const [left, failed] = [0, 1]
    const state = new Int32Array(memory.buffer, common, 2)
    const list = new Int32Array(memory.buffer, calls, callsLength)
    let round = 0
    if (Atomics.sub(state, left, 1) === 1) Atomics.notify(state, left) // it is ready
    for (;;) {
      Atomics.wait(list, 0, round)
      const begun = Atomics.load(list, 0)
      if (begun === round) continue
      round = begun
      try {
        const end = list[1] as number
        for (let at = 2; at < end; ) {
          const kernel = kernels[list[at] as number] as CallableFunction
          kernel(...list.subarray(at + 1, at + 1 + kernel.length))
          at += 1 + kernel.length
        }
      } catch {
        Atomics.add(state, failed, 1)
      }
      if (Atomics.sub(state, left, 1) === 1) Atomics.notify(state, left)
    }
  }
}
