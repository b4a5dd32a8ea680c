import { describe, expect, test, vi } from 'vitest'
import type { LoadOptions, LoadProgress, Model, Recovery } from '../../src/core/protocol.ts'
import { createSharedModels, type WantedModel } from '../../src/element/shared-models.ts'

interface Pending {
  readonly wanted: WantedModel
  readonly options: Pick<LoadOptions, 'signal' | 'onProgress' | 'onRecovery'>
  readonly resolve: (model: Model) => void
  readonly reject: (error: unknown) => void
}

/** Loads that end when the test says so. */
function byHand() {
  const loads: Pending[] = []
  const models = createSharedModels(
    (wanted, options) => new Promise((resolve, reject) => loads.push({ wanted, options, resolve, reject })),
  )
  return { loads, models }
}

const a: WantedModel = { source: 'a', weights: 'auto', device: 'auto', safe: false }
const b: WantedModel = { ...a, source: 'b' }
const bInQ8: WantedModel = { ...b, weights: 'q8' }
const bOnCpu: WantedModel = { ...b, device: 'wasm' }
const fakeModel = () => ({ dispose: vi.fn(async () => {}) }) as unknown as Model
const settled = () => new Promise((resolve) => setTimeout(resolve))
const at = (loaded: number): LoadProgress => ({
  phase: 'weights',
  file: 'f',
  loaded,
  total: 10,
  bytesPerSecond: 0,
  etaMs: undefined,
  fromStore: false,
})

describe('the models of a page', () => {
  test('one source is loaded once, however many hold it; another source, format or device is another load', async () => {
    const { loads, models } = byHand()
    const first = models.hold(a)
    const second = models.hold(a)
    models.hold(b)
    models.hold(bInQ8)
    models.hold(bOnCpu)
    models.hold({ ...bOnCpu })
    expect(loads.map(({ wanted }) => wanted)).toEqual([a, b, bInQ8, bOnCpu])
    const model = fakeModel()
    loads[0].resolve(model)
    expect(await first.model).toBe(model)
    expect(await second.model).toBe(model)
  })

  test('a model is disposed with its last holder, once; the next holder gets a fresh one', async () => {
    const { loads, models } = byHand()
    const [first, second] = [models.hold(a), models.hold(a)]
    const model = fakeModel()
    loads[0].resolve(model)
    first.release()
    first.release()
    await settled()
    expect(model.dispose).not.toHaveBeenCalled()
    second.release()
    second.release()
    await settled()
    expect(model.dispose).toHaveBeenCalledTimes(1)
    models.hold(a)
    expect(loads).toHaveLength(2)
  })

  test('a load that nobody waits for any more is ended, and disposed if it comes in after all', async () => {
    const { loads, models } = byHand()
    const [first, second] = [models.hold(a), models.hold(a)]
    first.release()
    expect(loads[0].options.signal?.aborted).toBe(false)
    second.release()
    expect(loads[0].options.signal?.aborted).toBe(true)
    const late = fakeModel()
    loads[0].resolve(late)
    await settled()
    expect(late.dispose).toHaveBeenCalledTimes(1)
  })

  test('a failed load fails for all its holders and is not kept', async () => {
    const { loads, models } = byHand()
    const [first, second] = [models.hold(a), models.hold(a)]
    loads[0].reject(new Error('no'))
    await expect(first.model).rejects.toThrow('no')
    await expect(second.model).rejects.toThrow('no')
    models.hold(a)
    expect(loads).toHaveLength(2)
  })

  test('a retired model stays with its holders and is given to nobody else', async () => {
    const { loads, models } = byHand()
    const [first, second] = [models.hold(a), models.hold(a)]
    const broken = fakeModel()
    loads[0].resolve(broken)
    first.retire()
    const third = models.hold(a)
    expect(loads).toHaveLength(2)
    first.release()
    await settled()
    expect(broken.dispose).not.toHaveBeenCalled()
    second.release()
    await settled()
    expect(broken.dispose).toHaveBeenCalledTimes(1)
    expect(loads[1].options.signal?.aborted).toBe(false)
    third.release()
    expect(loads[1].options.signal?.aborted).toBe(true)
  })

  test('progress reaches every holder, also one that comes late, and none that has left; and so does a loss', () => {
    const { loads, models } = byHand()
    const seen = { first: [] as unknown[], late: [] as unknown[] }
    const into = (list: unknown[]) => ({
      onProgress: ({ loaded }: LoadProgress) => list.push(loaded),
      onRecovery: ({ phase }: Recovery) => list.push(phase),
    })
    const first = models.hold(a, into(seen.first))
    loads[0].options.onProgress?.(at(1))
    models.hold(a, into(seen.late))
    loads[0].options.onProgress?.(at(2))
    loads[0].options.onRecovery?.({ phase: 'waiting' } as Recovery)
    first.release()
    loads[0].options.onRecovery?.({ phase: 'back' } as Recovery)
    loads[0].options.onProgress?.(at(3))
    expect(seen).toEqual({ first: [1, 2, 'waiting'], late: [1, 2, 'waiting', 'back', 3] })
  })
})
