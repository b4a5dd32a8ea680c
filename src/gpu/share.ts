/**
 * @file A model's share of the device: the same device, with an account of its own and a life of its own. When the model
 * goes, those who wait for it get an error, and the others never notice.
 */

import type { RwkvError } from '../core/errors.ts'
import { createGuard } from '../core/guard.ts'
import type { Gpu } from './device.ts'

/** A share. Ending it leaves the device alone; buffers are released by their creators. */
export interface Share extends Gpu {
  /** From now on everything rejects with `reason`; the account stays readable. */
  end(reason: RwkvError): void
}

/** A share of `gpu`, whose counters are part of its counters; `onStep` is told of each forward step. */
export function createShare(gpu: Gpu, onStep: () => void): Share {
  const life = createGuard()
  const check = () => {
    if (life.ended) throw life.ended
    gpu.check()
  }
  return {
    ...gpu,
    counters: accountIn(gpu.counters, onStep),
    check,
    guard: (pending) => life.guard(gpu.guard(pending)),
    async scoped(what, work) {
      check()
      return gpu.scoped(what, work)
    },
    end: life.end,
    dispose() {},
  }
}

/** Counters from 0; what is added to them is added to `total` too. */
function accountIn(total: Gpu['counters'], onStep: () => void): Gpu['counters'] {
  const own = { steps: 0, tokens: 0, dispatches: 0, submits: 0, created: 0, bytesReadBack: 0, gpuByteLength: 0 }
  return new Proxy(own, {
    set(target, name: keyof typeof own, count: number) {
      total[name] += count - target[name]
      target[name] = count
      if (name === 'steps') onStep()
      return true
    },
  })
}
