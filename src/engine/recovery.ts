/**
 * @file What becomes of a model whose GPU is lost: it is opened on another one, where what was asked of it goes on; where none
 * is given in time, on the CPU. A crash of the driver, or of another tab, costs a reply nothing but time.
 */

import { type ErrorCode, isRwkvError, RwkvError } from '../core/errors.ts'
import { backoff, pause } from '../core/pause.ts'
import type { LoadOptions, ModelInfo, Recovery } from '../core/protocol.ts'
import type { Place } from '../forward/backend.ts'
import { createDurable, type Loss } from '../forward/durable.ts'
import { initialState } from '../forward/state-rows.ts'
import type { Devices, OpenDevice, WantedDevice } from './devices.ts'
import type { ModelOnDevice } from './place-model.ts'

/** A model that may move from device to device. Its `info` is that of where it is. */
export interface RecoverableModel
  extends Pick<ModelOnDevice, 'info' | 'pool' | 'forward' | 'inspect' | 'byteLength' | 'dispose'> {
  readonly place: Pick<Place, 'counters' | 'canProfile' | 'check' | 'end'>
}

/** What `recoverable` takes. */
export interface RecoveryOptions {
  /** How long calls wait for a device; 0: not at all. */
  readonly limitMs: number
  readonly wanted: WantedDevice
  readonly devices: Pick<Devices, 'use'>
  readonly onRecovery: LoadOptions['onRecovery']
  /** Bring the model to a device; an abort ends that. */
  readonly place: (on: OpenDevice, signal: AbortSignal) => Promise<ModelOnDevice>
}

/** What may be otherwise a moment later: behind a driver that restarts, others want their memory back too. */
const TEMPORARY: readonly ErrorCode[] = ['gpu/lost', 'gpu/unavailable', 'gpu/out-of-memory']

const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 4000

/** What `untilPlaced` takes. */
interface Patience {
  readonly limitMs: number
  /** Errors after which it is tried again. */
  readonly codes: readonly ErrorCode[]
  readonly signal?: AbortSignal | undefined
  /** How long it has been waited for; by default since now. */
  readonly waitedMs?: () => number
  /** How often it was tried before. */
  readonly tried?: number
}

const stopwatch =
  (since = performance.now()) =>
  () =>
    performance.now() - since

/** What `place` gives, which is tried again, after pauses that grow, as long as the limit allows. */
export async function untilPlaced<T>(
  { limitMs, codes, signal, waitedMs = stopwatch(), tried = 0 }: Patience,
  place: () => Promise<T>,
): Promise<T> {
  for (let failures = tried; ; failures++) {
    if (failures > 0) await pause(backoff(failures, FIRST_PAUSE_MS, LONGEST_PAUSE_MS), signal)
    try {
      return await place()
    } catch (error) {
      if (waitedMs() >= limitMs || !isRwkvError(error) || !codes.includes(error.code)) throw error
    }
  }
}

/** Over a model that was loaded. On the CPU it cannot be lost, and stays what it is. */
export function recoverable(first: ModelOnDevice, options: RecoveryOptions): RecoverableModel {
  const { limitMs, wanted, devices, onRecovery, place } = options
  if (limitMs === 0 || first.backend.device === 'wasm') return first
  const info: ModelInfo = { ...first.info }
  const all = [first]
  const end = new AbortController()
  let losses = 0 // in a row, of devices that did not last
  let sinceFirst = stopwatch()
  let sinceBack = () => 0
  const last = () => all.at(-1) as ModelOnDevice
  const tell = (phase: Recovery['phase'], sameIds = true) => {
    const recovery = { phase, sameIds, info: { ...info } }
    queueMicrotask(() => onRecovery?.(recovery)) // what it throws is not the model's
  }

  /** On a GPU; under `auto`, on the CPU once a call has waited for that in vain. */
  async function find(loss: Loss): Promise<ModelOnDevice> {
    const waitedMs = () => Math.min(sinceFirst(), performance.now() - (loss.awaitedSince ?? 0))
    const patience = { limitMs, codes: TEMPORARY, signal: end.signal, waitedMs, tried: losses++ }
    const open = (on: OpenDevice) => place(on, end.signal)
    try {
      if (losses > 1 && waitedMs() >= limitMs) throw new RwkvError('gpu/lost', 'The GPU is lost again and again.')
      return await untilPlaced(patience, () => devices.use({ ...wanted, isAgain: true }, open))
    } catch (error) {
      const isOfGpu = isRwkvError(error) && [...TEMPORARY, 'gpu/wrong-results'].includes(error.code)
      if (wanted.device !== 'auto' || !isOfGpu || loss.awaitedSince === undefined) throw error
      return devices.use({ device: 'wasm', preset: undefined }, open)
    }
  }

  async function reopen(loss: Loss): Promise<ModelOnDevice | undefined> {
    if (loss.hasWorked || sinceBack() >= limitMs) {
      losses = 0
      sinceFirst = stopwatch()
    }
    tell('waiting')
    last().dispose()
    try {
      end.signal.throwIfAborted()
      const next = await find(loss)
      all.push(next)
      sinceBack = stopwatch()
      end.signal.throwIfAborted()
      if (next.info.fingerprint !== info.fingerprint)
        throw new RwkvError('model/description', 'its files have been changed meanwhile.')
      const sameIds = isSame(next.info, info)
      const warnings = sameIds ? info.warnings : [...next.info.warnings, MOVED]
      Object.assign(info, next.info, { warnings })
      tell('back', sameIds)
      return next
    } catch (cause) {
      last().dispose()
      end.signal.throwIfAborted()
      if (isRwkvError(cause, 'gpu/disposed')) throw cause
      if (loss.awaitedSince === undefined) {
        sinceBack = () => Infinity // the next attempt is a first one
        return undefined
      }
      tell('gone')
      const why = cause instanceof Error ? cause.message : String(cause)
      const message = `The GPU stopped, and ${info.name} could not be brought back: ${why} What was shown is kept; load the model again to go on.`
      throw new RwkvError('gpu/lost', message, { cause })
    }
  }

  return {
    info,
    inspect: first.inspect,
    ...createDurable({
      first,
      initial: initialState(info.state, info.config),
      V: info.config.V,
      reopen,
      end: end.signal,
    }),
    place: {
      get counters() {
        return sumOf(all.map(({ place }) => place.counters))
      },
      get canProfile() {
        return last().place.canProfile
      },
      check() {
        end.signal.throwIfAborted()
      },
      end(reason) {
        end.abort(reason)
        last().place.end(reason)
      },
    },
    byteLength: () => last().byteLength(),
    dispose: () => last().dispose(),
  }
}

const MOVED =
  'The GPU was lost, and the model runs on another device since: what it says may be other than it would have been.'

/** Whether the same numbers come out of it. */
function isSame(one: ModelInfo, other: ModelInfo): boolean {
  const keyOf = ({ device, adapter, preset, weights }: ModelInfo) =>
    JSON.stringify([device.name, adapter.vendor, adapter.architecture, adapter.description, preset, weights])
  return keyOf(one) === keyOf(other)
}

function sumOf(all: readonly Place['counters'][]): Place['counters'] {
  const [first, ...others] = all as readonly [Place['counters'], ...Place['counters'][]]
  const sum = { ...first }
  for (const other of others) for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += other[name]
  return sum
}
