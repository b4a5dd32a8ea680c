/**
 * @file A model without weights whose states can be read: the state of a slot is the ids it has seen. Everything above the
 * forward pass is the engine's own, so what sessions do to states can be compared with what their transcripts say, in
 * microseconds a token, and any call to the GPU can be made to fail.
 */

import { RwkvError } from '../../src/core/errors.ts'
import type { Model, ModelInfo, PromptFormat } from '../../src/core/protocol.ts'
import { createModel } from '../../src/engine/model.ts'
import type { Place } from '../../src/forward/backend.ts'
import { createDurable, type MortalModel } from '../../src/forward/durable.ts'
import type { Forward } from '../../src/forward/forward.ts'
import type { StatePool } from '../../src/forward/state-pool.ts'
import type { StepEntry } from '../../src/forward/step-buffer.ts'
import { state } from '../../src/rwkv/v4/state.ts'
import { defaultSampling } from '../../src/sample/options.ts'
import { stateBudgets } from '../../src/session/budgets.ts'
import { decode } from '../../src/text/detokenizer.ts'
import { createWorldTokenizer, parseWorldVocabulary } from '../../src/text/world-tokenizer.ts'
import { vocabularyText } from './vocabulary-text.ts'

/** How it is spoken to. Its replies end in `\n\n`, which is one token, or in the end of text. */
export const standInFormat: PromptFormat = {
  user: 'U:{text}\n\n',
  assistant: 'A:',
  end: '\n\n',
  stop: ['\n\n'],
  opener: 'O\n\n',
}

/** Ids 1 … 256 are the bytes, 257 stands for two line ends, and some for parts of tags; 0 begins and ends a text. */
export const standInTokenizer = createWorldTokenizer(
  parseWorldVocabulary(vocabularyText(['\n\n', '></', '>{', '>\n']), 'stand-in'),
)

const V = 261
const FLOATS = 5 // (L, R, C) = (1, 5, 1): its first number stands for all ids the state has seen
const BYTES = FLOATS * 4

// Every text of ids has a number: the same for the same ids, in all stand-ins.
const texts: { readonly before: number; readonly id: number; readonly hash: number }[] = [{ before: 0, id: 0, hash: 1 }]
const numbers = new Map<string, number>()

function afterText(before: number, id: number): number {
  const key = `${before} ${id}`
  const known = numbers.get(key)
  if (known !== undefined) return known
  const { hash } = texts[before] as (typeof texts)[number]
  const number = texts.push({ before, id, hash: Math.imul(hash ^ (id + 1), 0x9e3779b1) >>> 0 }) - 1
  numbers.set(key, number)
  return number
}

/** The ids that a state has seen. */
export const idsInState = (rows: Float32Array): number[] => idsOf(rows[0] as number)

function idsOf(text: number): number[] {
  const ids: number[] = []
  for (let number = text; number !== 0; ) {
    const { before, id } = texts[number] as (typeof texts)[number]
    ids.push(id)
    number = before
  }
  return ids.reverse()
}

/** The rows of a state that has seen `ids`; their buffer is a start state. */
export const stateAfter = (ids: readonly number[]) => Float32Array.of(ids.reduce(afterText, 0), 0, 0, 0, 0)

/** What ids say, without the id that begins a text. */
export const textOfIds = (ids: readonly number[]) =>
  decode(
    standInTokenizer,
    ids.filter((id) => id !== 0),
  )

/** What is said after a text: some letters, then an end of either kind. */
function nextId(number: number): number {
  const choice = ((texts[number] as (typeof texts)[number]).hash >>> 8) % 16
  return choice === 0 ? 0 : choice === 1 ? 257 : 'a'.charCodeAt(0) + 1 + choice
}

/** What is called on the GPU. */
export type StandInCall = 'allocate' | 'copy' | 'read' | 'write' | 'draw' | 'drawn' | 'reopen'

/** A stand-in and its strings. */
export interface StandIn {
  readonly model: Model
  /** Told of each call before it has an effect; what it throws the call throws. */
  onCall: (call: StandInCall) => void
  /** Slots in use. */
  readonly slots: () => number
  /** Where it is durable: another device is given once this resolves. */
  anotherDevice: Promise<void>
  /** From now on every call rejects with `gpu/lost`, until there is another device if it is durable. */
  lose(): void
  /** How many devices there have been. */
  readonly devices: () => number
}

/** What `standInModel` takes. */
interface StandInOptions {
  /** Decides its fingerprint. */
  readonly name?: string
  /** How many states there may be. */
  readonly mostSlots?: number
  readonly promptFormat?: PromptFormat
  /** What is said after a text, in place of letters by chance; the end of it where nothing is. */
  readonly says?: (text: string) => string
  /** Whether another device takes the place of one that is lost; `'smaller'`: of fewer rows, and drawing no ids. */
  readonly durable?: boolean | 'smaller'
}

/** A model of its own. */
export function standInModel(options: StandInOptions = {}): StandIn {
  const { name = 'stand-in', mostSlots = 100_000, promptFormat = standInFormat, says, durable = false } = options
  /** What is said next, and what would be in its place: the first byte of it. */
  const nextOf = (number: number): readonly [number, number] => {
    const [next = 0] = says ? standInTokenizer.encode(says(textOfIds(idsOf(number)))) : [nextId(number)]
    return [next, (standInTokenizer.bytesOf(next)[0] ?? 0) + 1]
  }
  let devices = 0
  let alive = 1 // the number of the device that is not lost
  let life = new AbortController() // its
  let inUse = new Map<number, number>()
  const unused = () => Promise.reject(new Error('not used'))

  /** Slots and a forward pass that are gone once it is lost. */
  function createDevice(isSmaller = false): MortalModel {
    life = new AbortController()
    const slots = new Map<number, number>() // slot -> text
    const free: number[] = []
    const mine = ++devices
    const check = () => {
      if (mine !== alive) throw new RwkvError('gpu/lost', 'The GPU stopped. Load the model again to go on.')
    }
    const call = (what: StandInCall) => {
      check()
      standIn.onCall(what)
    }
    const textIn = (slot: number) => {
      const text = slots.get(slot)
      if (text === undefined) throw new Error(`slot ${slot} is not in use`)
      return text
    }
    const pool: StatePool = {
      stateByteLength: BYTES,
      async allocate(from) {
        call('allocate')
        if (slots.size >= mostSlots) throw new RwkvError('session/state-budget', 'All states are in use.')
        const slot = free.pop() ?? slots.size
        slots.set(slot, from === undefined ? 0 : textIn(from))
        return slot
      },
      release(slot) {
        textIn(slot)
        slots.delete(slot)
        free.push(slot)
      },
      reset: (slot) => void slots.set(slot, 0),
      copy(from, to) {
        call('copy')
        textIn(to)
        slots.set(to, textIn(from))
      },
      async read(slot) {
        const text = textIn(slot)
        call('read')
        await null
        check()
        return Float32Array.of(text, 0, 0, 0, 0)
      },
      write(slot, rows) {
        call('write')
        textIn(slot)
        slots.set(slot, rows[0] as number)
      },
      dispose() {},
    }

    const lastDrawn = new Map<number, number>()
    function feed({ slot, ids, outputs, keepIn }: StepEntry) {
      if (keepIn !== undefined) slots.set(keepIn, textIn(slot))
      const after = ids.map((id) => {
        const text = afterText(textIn(slot), id >= 2 ** 31 ? (lastDrawn.get(id - 2 ** 31) as number) : id)
        slots.set(slot, text)
        return text
      })
      const wanted = outputs === 'all' ? after : outputs === 'last' ? after.slice(-1) : []
      const logits = wanted.map((text) => {
        const row = new Float32Array(V)
        const [next, instead] = nextOf(text)
        row[instead] = 40
        row[next] = 50
        return row
      })
      const drawn = typeof outputs === 'object' ? [nextOf(textIn(slot))[0]] : []
      if (typeof outputs === 'object') lastDrawn.set(outputs.reply, drawn[0] as number)
      return { logits, drawn }
    }
    let places = 0
    const forward: Forward = {
      limits: { rows: isSmaller ? 2 : 4, entries: 4, outputs: 4 }, // prompts take several steps
      step: unused,
      trace: unused,
      profile: unused,
      replies: { begin: () => (isSmaller ? undefined : places++), end() {} },
      async draw(batch) {
        call('draw')
        await null
        check()
        const fed = batch.map(feed)
        const ids = fed.flatMap(({ drawn }) => drawn)
        const heard = (async () => {
          await null
          if (ids.length > 0) call('drawn')
          check()
          return Uint32Array.from(ids)
        })()
        heard.catch(() => {})
        return { logits: fed.flatMap(({ logits }) => logits), drawn: heard }
      },
      dispose() {},
    }
    inUse = slots
    return { pool, forward, gone: life.signal }
  }
  const first = createDevice()
  const reopen = async () => {
    standIn.onCall('reopen')
    await standIn.anotherDevice
    alive = devices + 1
    return createDevice(durable === 'smaller')
  }
  const end = new AbortController().signal
  const { pool, forward } = durable
    ? createDurable({ first, initial: new Float32Array(FLOATS), V, reopen, end })
    : first

  const counters = { steps: 0, tokens: 0, dispatches: 0, submits: 0, created: 0, bytesReadBack: 0, gpuByteLength: 0 }
  const check = () => {
    if (alive === 0 && !durable) throw new RwkvError('gpu/lost', 'The GPU stopped.')
  }
  const place = { counters, check, end() {} } as unknown as Place
  const info: ModelInfo = {
    name,
    config: { version: 4, L: 1, C: 1, F: 1, V },
    state: state(),
    license: 'none',
    fingerprint: name,
    weights: 'f32',
    weightByteLength: 0,
    stateByteLength: BYTES,
    device: { name: 'webgpu', reason: 'There is nothing else.' },
    adapter: { vendor: '', architecture: '', description: '', isFallback: true, features: [], limits: {} },
    preset: 'software',
    threads: undefined,
    warnings: [],
    promptFormat,
    sampling: { ...defaultSampling, temperature: 0, maxTokens: 6 },
  }
  const standIn: StandIn = {
    onCall() {},
    anotherDevice: Promise.resolve(),
    slots: () => inUse.size,
    devices: () => devices,
    lose() {
      alive = 0
      life.abort(new RwkvError('gpu/lost', 'The GPU stopped.'))
    },
    model: createModel({
      place,
      info,
      description: { bosTokenId: 0, eosTokenId: 0 },
      pool,
      forward,
      inspect: () => ({ layers: [] }),
      found: { tokenizer: standInTokenizer },
      readStart: async (rows) => new Float32Array(rows as ArrayBuffer),
      openTemporaryFile: undefined,
      budgets: stateBudgets(BYTES),
      dispose() {},
    }),
  }
  return standIn
}
