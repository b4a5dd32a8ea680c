import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { RwkvError } from '../../src/core/errors.ts'
import type { DeviceName, Recovery } from '../../src/core/protocol.ts'
import type { OpenDevice, WantedDevice } from '../../src/engine/devices.ts'
import type { ModelOnDevice } from '../../src/engine/place-model.ts'
import { recoverable, untilPlaced } from '../../src/engine/recovery.ts'
import { state } from '../../src/rwkv/v4/state.ts'

const lost = new RwkvError('gpu/lost', 'The GPU stopped.')
const full = new RwkvError('gpu/out-of-memory', 'There is no memory.')
const unavailable = new RwkvError('gpu/unavailable', 'There is no adapter.')

/** A model of one number on a device that may be lost. */
function modelOn(device: DeviceName, { fingerprint = 'weights', vendor = 'made up' } = {}) {
  const life = { isLost: false, isDisposed: false, ended: undefined as unknown }
  const gone = new AbortController()
  const counters = { steps: 1, tokens: 1, dispatches: 0, submits: 0, created: 0, bytesReadBack: 0, gpuByteLength: 8 }
  const config = { version: 4, L: 1, C: 1, F: 1, V: 1 } as const
  const lose = () => {
    life.isLost = true
    gone.abort(lost)
  }
  const model = {
    backend: { device },
    gone: gone.signal,
    info: {
      name: 'model',
      config,
      state: state(),
      fingerprint,
      device: { name: device },
      adapter: { vendor },
      warnings: [],
    },
    place: { counters, canProfile: false, check() {}, end: (reason: unknown) => (life.ended = reason) },
    pool: {
      allocate: async () => 0,
      release() {},
      write() {},
      async read() {
        if (life.isLost) throw lost
        return Float32Array.of(1, 2, 3, 4, 5)
      },
    },
    byteLength: () => counters.gpuByteLength,
    dispose() {
      life.isDisposed = true
      counters.gpuByteLength = 0
    },
  } as unknown as ModelOnDevice
  return { model, life, lose }
}

interface Script {
  readonly device?: 'auto' | 'webgpu'
  readonly limitMs?: number
  /** What comes of each attempt on a GPU, the last again and again; on the CPU there is a model. */
  readonly attempts: readonly (ModelOnDevice | RwkvError)[]
}

/** A model whose GPU is to be lost, and how it is brought back. */
async function beforeLoss({ device = 'auto', limitMs = 60_000, attempts }: Script) {
  const first = modelOn('webgpu')
  const heard: Recovery[] = []
  const asked: string[] = []
  const cpu = modelOn('wasm')
  const times: number[] = []
  const model = recoverable(first.model, {
    limitMs,
    wanted: { device, preset: undefined },
    devices: {
      use: async <T>(wanted: WantedDevice, work: (on: OpenDevice) => Promise<T>) => {
        asked.push(wanted.device)
        times.push(performance.now())
        return work(wanted as unknown as OpenDevice)
      },
    },
    onRecovery: (recovery) => heard.push(recovery),
    async place(on) {
      const { device: name } = on as unknown as WantedDevice
      const outcome = name === 'wasm' ? cpu.model : attempts[Math.min(asked.length, attempts.length) - 1]
      if (outcome instanceof RwkvError) throw outcome
      return outcome as ModelOnDevice
    },
  })
  const slot = await model.pool.allocate()
  return { model, first, cpu, heard, asked, times, read: () => model.pool.read(slot) }
}

/** The same when a call finds that it is lost. */
async function afterLoss(script: Script) {
  const parts = await beforeLoss(script)
  parts.first.life.isLost = true
  return parts
}

const phases = (heard: readonly Recovery[]) => heard.map(({ phase, sameIds }) => `${phase} ${sameIds}`)

describe('a model whose GPU is lost', () => {
  test('is asked for again until there is one, and what it was asked goes on there', async () => {
    const next = modelOn('webgpu')
    const { read, heard, model, first } = await afterLoss({ attempts: [unavailable, lost, full, next.model] })
    expect(await read()).toHaveLength(5)
    expect(phases(heard)).toEqual(['waiting true', 'back true'])
    expect(first.life.isDisposed).toBe(true)
    expect(model.place.counters).toMatchObject({ tokens: 2, gpuByteLength: 8 })
    model.dispose()
    expect(model.place.counters.gpuByteLength).toBe(0)
  })

  test('goes on on another kind of GPU, and says that ids may differ', async () => {
    const other = modelOn('webgpu', { vendor: 'another' })
    const { read, heard, model } = await afterLoss({ attempts: [other.model] })
    await read()
    expect(phases(heard)).toEqual(['waiting true', 'back false'])
    expect(model.info.adapter.vendor).toBe('another')
    expect(model.info.warnings).toHaveLength(1)
  })

  test('goes on on the CPU under auto where none is given in time, or only one that computes wrong results', async () => {
    for (const attempts of [[unavailable], [new RwkvError('gpu/wrong-results', 'Nonsense.')]]) {
      const { read, heard, asked, model } = await afterLoss({ limitMs: 50, attempts })
      expect(await read()).toHaveLength(5)
      expect(asked.at(-1)).toBe('wasm')
      expect(phases(heard)).toEqual(['waiting true', 'back false'])
      expect(model.info.device.name).toBe('wasm')
    }
  })

  test.each([
    ['where none is given in time', 'webgpu', unavailable, /There is no adapter.*load the model again/],
    [
      'where its files are gone',
      'auto',
      new RwkvError('file/network', 'It is offline.'),
      /offline.*load the model again/,
    ],
    ['where its files are others', 'auto', modelOn('webgpu', { fingerprint: 'others' }).model, /have been changed/],
  ] as const)('rejects every call with what to do, %s', async (_, device, attempt, message) => {
    const { read, heard, model, asked } = await afterLoss({ device, limitMs: 50, attempts: [attempt] })
    for (const call of [read(), read()])
      await expect(call).rejects.toMatchObject({ code: 'gpu/lost', message: expect.stringMatching(message) })
    const attempts = asked.length
    await expect(model.pool.allocate()).rejects.toMatchObject({ code: 'gpu/lost' })
    expect(asked).toHaveLength(attempts)
    expect(phases(heard)).toEqual(['waiting true', 'gone true'])
    expect(model.place.counters.gpuByteLength).toBe(0)
  })

  test('that is disposed meanwhile says so at once, and leaves nothing', async () => {
    const { read, model, heard } = await afterLoss({ attempts: [unavailable] })
    const reading = read()
    await expect.poll(() => heard.length).toBe(1)
    const disposed = new RwkvError('model/disposed', 'It has been disposed.')
    model.place.end(disposed)
    model.dispose()
    await expect(reading).rejects.toBe(disposed)
    expect(() => model.place.check()).toThrow(disposed)
    expect(model.place.counters.gpuByteLength).toBe(0)
  })

  test('that nobody is to wait for stays as it is', () => {
    const { model } = modelOn('webgpu')
    const options = {
      wanted: { device: 'auto', preset: undefined },
      devices: { use: () => Promise.reject(lost) },
    } as const
    expect(
      recoverable(model, { ...options, limitMs: 0, onRecovery: undefined, place: () => Promise.reject(lost) }),
    ).toBe(model)
  })
})

describe('a GPU that is lost while nobody waits', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
  afterEach(() => void vi.useRealTimers())

  test('is asked for at once, and again after pauses that grow where one is lost right after another', async () => {
    const next = Array.from({ length: 5 }, () => modelOn('webgpu'))
    const { first, times, heard, read } = await beforeLoss({ attempts: next.map(({ model }) => model) })
    const begun = performance.now()
    for (const { lose } of [first, ...next.slice(0, 4)]) {
      const before = times.length
      lose()
      while (times.length === before || heard.at(-1)?.phase !== 'back') await vi.advanceTimersToNextTimerAsync()
    }
    expect(times.map((time) => time - begun)).toEqual([0, 100, 300, 700, 1500])
    expect(await read()).toHaveLength(5)
    expect(times).toHaveLength(5)
  })

  test('and not given for long is let be, until a call waits, which waits for its own time', async () => {
    const next = modelOn('webgpu')
    const attempts = [...Array.from({ length: 4 }, () => unavailable), unavailable, next.model]
    const { first, times, heard, read, asked } = await beforeLoss({ limitMs: 400, attempts })
    first.lose()
    await vi.runAllTimersAsync()
    expect(times).toHaveLength(4) // at 0, 100, 300 and 700 ms
    expect(phases(heard)).toEqual(['waiting true'])
    const reading = read()
    await vi.runAllTimersAsync()
    expect(await reading).toHaveLength(5)
    expect(asked).toEqual(Array.from({ length: 6 }, () => 'auto'))
    expect(phases(heard)).toEqual(['waiting true', 'waiting true', 'back true'])
  })
})

describe('what is tried again', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
  afterEach(() => void vi.useRealTimers())

  test('waits longer each time, and ends with its last error or the reason of an abort', async () => {
    const begun = performance.now()
    const times: number[] = []
    const fail = async () => {
      times.push(performance.now() - begun)
      throw lost
    }
    const failing = expect(untilPlaced({ limitMs: 400, codes: ['gpu/lost'] }, fail)).rejects.toBe(lost)
    await vi.runAllTimersAsync()
    await failing
    expect(times).toEqual([0, 100, 300, 700])
    await expect(untilPlaced({ limitMs: 400, codes: ['gpu/unavailable'] }, fail)).rejects.toBe(lost)
    const end = new AbortController()
    const waiting = untilPlaced({ limitMs: 10_000, codes: ['gpu/lost'], signal: end.signal }, fail)
    end.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    expect(times).toHaveLength(6)
  })
})
