/**
 * @file States and a forward pass that outlive the device they are computed on. Each slot knows where its state comes from;
 * when the device is lost, another is looked for at once; what is asked for waits until it is there, the states that are
 * needed are computed again, and what was interrupted is done once more. Whoever feeds and reads states notices nothing but
 * the time.
 */

import { isRwkvError } from '../core/errors.ts'
import { createTurns } from '../core/turns.ts'
import { NOTHING } from '../kernels/sample.ts'
import type { RunningModel } from './backend.ts'
import type { Drawing, DrawOptions, Forward, ReplaceableDevice, TracedStep } from './forward.ts'
import { type FedId, idOf, type Moment, momentAfter, momentOf, stepsTo } from './history.ts'
import { type RememberedReply, rememberReplies } from './remembered-reply.ts'
import type { StatePool } from './state-pool.ts'
import { lastDrawnOf, replyDrawnLast, type StepEntry } from './step-buffer.ts'
import { joined } from './watch.ts'

/** The most ids that are read again for a state: after so many its numbers are copied to the CPU. */
export const MOST_READ_AGAIN = 256

/** A model that may be lost. */
export interface MortalModel extends RunningModel {
  /** Aborted when it is, or has ended. */
  readonly gone: AbortSignal
}

/** What is told of a loss. */
export interface Loss {
  /** Whether a call came to its end on the device that was lost. */
  readonly hasWorked: boolean
  /** Since when calls wait for another, none of which has come to its end; undefined while none does. */
  readonly awaitedSince: number | undefined
}

/** What `createDurable` takes. */
export interface DurableOptions {
  readonly first: MortalModel
  /** f32 (L, R, C): what a fresh slot holds. */
  readonly initial: Float32Array<ArrayBuffer>
  readonly V: number
  /**
   * The same model on a device that lives; undefined where there is none yet and no call waits: it is asked for again when
   * one does. @throws why there will be none: every call throws it from then on
   */
  readonly reopen: (loss: Loss) => Promise<MortalModel | undefined>
  /** Aborted when the model is disposed. */
  readonly end: AbortSignal
}

interface Slot {
  moment: Moment
  /** Where it lies: a slot of that model's pool. Undefined for one that was asked for while there was no device. */
  model: RunningModel | undefined
  physical: number
  /** What it holds there; other than `moment` only after a loss, until it is needed. */
  held: Moment | undefined
  isFree: boolean
}

/** An entry of a step, by what is known here. */
interface Entry extends Omit<StepEntry, 'slot' | 'keepIn'> {
  readonly slot: Slot
  readonly keepIn: Slot | undefined
  readonly fed: readonly FedId[]
  /** Whose id is drawn, and which one. */
  readonly draw: { readonly reply: RememberedReply; readonly index: number } | undefined
}

/** A step with draws on the GPU that were not heard of yet. */
interface UnderWay {
  readonly draws: readonly (Pick<Entry, 'slot'> & NonNullable<Entry['draw']> & { readonly after: Moment })[]
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
}

/** The pool and the forward pass of a model that can be lost; they go with it. */
export function createDurable({
  first,
  initial,
  V,
  reopen,
  end,
}: DurableOptions): Pick<RunningModel, 'pool' | 'forward'> {
  const turns = createTurns()
  const beginning = momentOf(initial)
  const slots = new Map<number, Slot>()
  const replies = new Map<number, RememberedReply>()
  const underWay = new Set<UnderWay>() // the oldest first
  const remember = rememberReplies(V)
  let model = first
  let loss = new AbortController() // of the device
  let recovering: Promise<void> | undefined
  let hasWorked = true // the device, since it is there
  let awaitedSince: number | undefined // another one
  let ended: { readonly reason: unknown } | undefined

  const slotAt = (number: number) => slots.get(number) as Slot
  const isLost = () => loss.signal.aborted
  const isHere = (slot: Slot) => !isLost() && slot.model === model && slot.held === slot.moment

  /** Hear that the device `on` is lost, if that is the one in use, and look for another. */
  function lose(on: RunningModel, error: unknown): void {
    if (on !== model || isLost()) return
    loss.abort(error)
    void look().catch(() => {}) // those who wait for it are told
  }

  function watch(on: MortalModel): void {
    const hear = () => {
      if (isRwkvError(on.gone.reason, 'gpu/lost')) lose(on, on.gone.reason)
    }
    if (on.gone.aborted) hear()
    else on.gone.addEventListener('abort', hear, { once: true, signal: end })
  }

  function look(): Promise<void> {
    recovering ??= recover()
    return recovering
  }

  async function recover(): Promise<void> {
    try {
      while (isLost()) {
        const next = await reopen({
          hasWorked,
          get awaitedSince() {
            return awaitedSince
          },
        })
        if (!next) return
        await turns(() => moveTo(next)) // behind what the loss interrupted
      }
    } catch (reason) {
      ended = { reason }
      for (const { reject } of underWay) reject(reason)
      throw reason
    } finally {
      recovering = undefined
    }
  }

  /** Have the model there, with room for every slot, and draw there what was not heard of. */
  async function moveTo(next: MortalModel): Promise<void> {
    model = next
    hasWorked = false
    try {
      for (const slot of slots.values()) await makeRoom(slot).catch(throwLoss) // else whoever needs it is told
      for (const step of underWay) await drawAgain(step)
      loss = new AbortController()
      watch(next)
    } catch (error) {
      if (!isRwkvError(error, 'gpu/lost')) throw error
    }
  }

  const device: ReplaceableDevice = {
    get lost() {
      return loss.signal
    },
    async back() {
      while (isLost()) {
        if (ended) throw ended.reason
        awaitedSince ??= performance.now()
        await look()
      }
    },
  }

  /** Do `work` where the model is. @throws RwkvError `gpu/lost` if it is lost, before or in it */
  const attempt = <T>(work: () => Promise<T>): Promise<T> =>
    turns(async () => {
      if (ended) throw ended.reason
      loss.signal.throwIfAborted()
      const on = model
      try {
        const done = await work()
        hasWorked = true
        awaitedSince = undefined
        return done
      } catch (error) {
        if (isRwkvError(error, 'gpu/lost')) lose(on, error)
        throw error
      }
    })

  /** Do `work` where the model is, and again where it is lost in it. */
  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      await device.back()
      try {
        return await attempt(work)
      } catch (error) {
        if (ended || !isRwkvError(error, 'gpu/lost')) throw error
      }
    }
  }

  async function makeRoom(slot: Slot): Promise<void> {
    if (slot.model === model) return
    const physical = await model.pool.allocate()
    if (slot.isFree) model.pool.release(physical)
    else Object.assign(slot, { model, physical, held: beginning })
  }

  /** Let the slot hold `moment` where the model is. */
  async function hold(slot: Slot, moment = slot.moment, checkWanted = () => {}): Promise<void> {
    await makeRoom(slot)
    if (slot.held === moment) return
    const { from, steps } = stepsTo(moment, slot.held)
    if (from !== slot.held) model.pool.write(slot.physical, from.rows as Float32Array<ArrayBuffer>)
    slot.held = from
    for (const step of steps) {
      checkWanted()
      await feedAgain(slot, step, 'none')
    }
  }

  /** Carry out a step as it was carried out before. */
  async function feedAgain(slot: Slot, after: Moment, outputs: 'none' | 'last'): Promise<Drawing['logits']> {
    const ids = after.ids.map((id) => idOf(id) as number)
    const { logits } = await carryOut([{ slot: slot.physical, ids, outputs }], after.isOneOfSeveral)
    slot.held = after
    return logits
  }

  /** One step, or more of them where the device takes fewer rows in one than that on which it was made up. */
  async function carryOut(batch: readonly StepEntry[], isOneOfSeveral: boolean): Promise<Drawing> {
    const { rows: most } = model.forward.limits
    const rows = batch.reduce((sum, { ids }) => sum + ids.length, 0)
    if (rows <= most) return model.forward.draw(batch, { isOneOfSeveral })
    const logits: Drawing['logits'] = []
    for (const { ids, outputs, keepIn, ...entry } of batch) {
      if (keepIn !== undefined) model.pool.copy(entry.slot, keepIn)
      for (let from = 0; from < ids.length; from += most) {
        const isLast = from + most >= ids.length
        const part = {
          ids: ids.slice(from, from + most),
          outputs: isLast || outputs === 'all' ? outputs : 'none',
        } as const
        logits.push(...(await model.forward.draw([{ ...entry, ...part }])).logits)
      }
    }
    return { logits, drawn: Promise.resolve(new Uint32Array()) }
  }

  async function drawAgain(step: UnderWay): Promise<void> {
    try {
      for (const { slot, reply, index, after } of step.draws) {
        if (reply.isOver || slot.isFree || reply.drawn[index] !== undefined) continue
        await hold(slot, after.before)
        const [logits] = await feedAgain(slot, after, 'last')
        reply.draw(index, logits as Float32Array)
      }
      step.resolve()
    } catch (error) {
      if (isRwkvError(error, 'gpu/lost')) throw error
      step.reject(error)
    }
    underWay.delete(step)
  }

  /** Have the state there, and its numbers on the CPU where `count` more ids would be too many to read again. */
  async function makeReady(slot: Slot, count: number, checkWanted?: () => void): Promise<void> {
    await hold(slot, slot.moment, checkWanted)
    if (slot.moment.length + count <= MOST_READ_AGAIN) return
    slot.moment = momentOf(await model.pool.read(slot.physical))
    slot.held = slot.moment
  }

  const fedIdOf = (id: number): FedId => {
    const reply = replies.get(replyDrawnLast(id) ?? -1)
    return reply ? { drawn: reply.drawn, index: reply.asked - 1 } : id
  }

  const entryOf = ({ slot, ids, outputs, keepIn }: StepEntry): Entry => ({
    slot: slotAt(slot),
    ids,
    fed: ids.map(fedIdOf),
    outputs,
    keepIn: keepIn === undefined ? undefined : slotAt(keepIn),
    draw:
      typeof outputs === 'object' ? { ...outputs, reply: replies.get(outputs.reply) as RememberedReply } : undefined,
  })

  /** As the device is asked for it. */
  function askedOf({ slot, ids, fed, outputs, keepIn, draw }: Entry): StepEntry {
    const place = draw?.reply.placeIn(model)
    return {
      slot: slot.physical,
      ids: fed.map(
        (id, i) =>
          idOf(id) ?? lastDrawnOf(replies.get(replyDrawnLast(ids[i] as number) as number)?.placeIn(model) as number),
      ),
      outputs: !draw ? outputs : place === undefined ? 'last' : { reply: place, index: draw.index },
      ...(keepIn && { keepIn: keepIn.physical }),
    }
  }

  async function step(batch: readonly StepEntry[], { checkWanted }: DrawOptions): Promise<Drawing> {
    const entries = batch.map(entryOf)
    for (const { slot, ids, keepIn } of entries) {
      await makeReady(slot, ids.length, checkWanted)
      if (keepIn) await makeRoom(keepIn)
    }
    const isOneOfSeveral = entries.reduce((sum, { ids }) => sum + ids.length, 0) > 1
    const asked = entries.map(askedOf)
    const done = await carryOut(asked, isOneOfSeveral)
    const logits = [...done.logits]
    const draws: UnderWay['draws'][number][] = []
    const results = entries.flatMap(({ slot, ids, fed, keepIn, draw }, i) => {
      if (keepIn) keepIn.moment = keepIn.held = slot.moment
      const after = momentAfter(slot.moment, { ids: fed, isOneOfSeveral })
      slot.moment = slot.held = after
      const { outputs } = asked[i] as StepEntry
      const own = logits.splice(0, outputs === 'all' ? ids.length : outputs === 'last' ? 1 : 0)
      if (!draw) return own
      draw.reply.asked = draw.index + 1
      draws.push({ ...draw, slot, after })
      if (own[0]) draw.reply.draw(draw.index, own[0])
      return []
    })
    return { logits: results, drawn: hearOf(draws, done.drawn) }
  }

  /** The ids of `draws`, once `drawn` tells those that the GPU draws, or they were drawn again. */
  async function hearOf(draws: UnderWay['draws'], drawn: Promise<Uint32Array>): Promise<Uint32Array<ArrayBuffer>> {
    const onGpu = draws.filter(({ reply, index }) => reply.drawn[index] === undefined)
    if (onGpu.length > 0)
      await new Promise<void>((resolve, reject) => {
        const step = { draws: onGpu, resolve, reject }
        const asked = model
        underWay.add(step)
        drawn.then(
          (ids) => {
            if (!underWay.delete(step)) return
            for (const [place, { reply, index }] of onGpu.entries()) reply.hear(index, ids[place] as number)
            resolve()
          },
          (error: unknown) => {
            if (!isRwkvError(error, 'gpu/lost') || ended) {
              underWay.delete(step)
              return reject(error)
            }
            lose(asked, error)
            device.back().catch(reject)
          },
        )
      })
    return Uint32Array.from(draws, ({ reply, index }) => reply.drawn[index] ?? NOTHING)
  }

  /** What needs no answer: a device that is lost is heard of by what does. */
  function tell(what: () => void): void {
    try {
      what()
    } catch (error) {
      if (!isRwkvError(error, 'gpu/lost')) throw error
    }
  }

  function write(number: number, moment: Moment, rows = moment.rows as Float32Array<ArrayBuffer>): void {
    const slot = slotAt(number)
    slot.moment = moment
    if (slot.model !== model) return
    tell(() => model.pool.write(slot.physical, rows))
    slot.held = moment
  }

  /** Where there is no device, a slot that has no place yet. */
  async function allocate(from: Slot | undefined): Promise<Slot> {
    const slot: Slot = {
      moment: from?.moment ?? beginning,
      model: undefined,
      physical: -1,
      held: undefined,
      isFree: false,
    }
    if (ended) throw ended.reason
    if (isLost()) return slot
    const on = model
    const isCopy = from !== undefined && isHere(from)
    try {
      const physical = await on.pool.allocate(isCopy ? from.physical : undefined)
      return Object.assign(slot, { model: on, physical, held: isCopy ? slot.moment : beginning })
    } catch (error) {
      if (!isRwkvError(error, 'gpu/lost')) throw error
      lose(on, error)
      return slot
    }
  }

  const pool: StatePool = {
    stateByteLength: initial.byteLength,
    async allocate(from) {
      const slot = await allocate(from === undefined ? undefined : slotAt(from))
      let number = 0
      while (slots.has(number)) number++
      slots.set(number, slot)
      return number
    },
    release(number) {
      const slot = slotAt(number)
      slot.isFree = true
      slots.delete(number)
      if (slot.model === model) model.pool.release(slot.physical)
    },
    reset: (number) => write(number, beginning),
    copy(from, to) {
      const [source, target] = [slotAt(from), slotAt(to)]
      target.moment = source.moment
      if (!isHere(source) || target.model !== model) return
      tell(() => model.pool.copy(source.physical, target.physical))
      target.held = source.moment
    },
    async read(number) {
      const slot = slotAt(number)
      const again = async () => {
        await hold(slot)
        return model.pool.read(slot.physical)
      }
      if (!isHere(slot)) return inTurn(again)
      const on = model
      return on.pool.read(slot.physical).catch((error: unknown) => {
        if (!isRwkvError(error, 'gpu/lost')) throw error
        lose(on, error)
        return inTurn(again)
      })
    },
    write: (number, rows) => write(number, momentOf(rows)),
    device,
    dispose() {},
  }

  let begun = 0
  const forward: Forward = {
    get limits() {
      return model.forward.limits
    },
    device,
    step: async (batch) => (await forward.draw(batch)).logits,
    draw: (batch, options = {}) => attempt(() => step(batch, options)),
    trace: ({ slot: number, ids, outputs }, watched) =>
      inTurn(async () => {
        const slot = slotAt(number)
        await hold(slot)
        const steps: TracedStep[] = []
        const { rows } = model.forward.limits // of another device fewer than it was made up for
        for (let from = 0; from < ids.length; from += rows) {
          const isLast = from + rows >= ids.length
          const part = {
            slot: slot.physical,
            ids: ids.slice(from, from + rows),
            outputs: isLast ? outputs : 'none',
          } as const
          steps.push(await model.forward.trace(part, watched))
        }
        // Its kernels are others, so what they leave can be copied, but not computed again to the bit.
        slot.moment = momentOf(await model.pool.read(slot.physical))
        slot.held = slot.moment
        return joinedSteps(steps)
      }),
    profile: (entry) =>
      inTurn(async () => {
        const { slot, ...rest } = entryOf(entry)
        await hold(slot)
        slot.held = undefined // what a profile feeds is of no use to anyone
        return model.forward.profile(askedOf({ slot, ...rest }))
      }),
    replies: {
      begin(rules) {
        const place = isLost() ? undefined : model.forward.replies.begin(rules)
        if (place === undefined && !isLost()) return undefined
        const reply = begun++
        replies.set(reply, remember(rules, model, place))
        return reply
      },
      end(reply) {
        replies.get(reply)?.end()
        replies.delete(reply)
      },
    },
    dispose() {},
  }
  watch(first)
  return { pool, forward }
}

function throwLoss(error: unknown): void {
  if (isRwkvError(error, 'gpu/lost')) throw error
}

/** Of steps that follow one another. */
function joinedSteps(steps: readonly TracedStep[]): TracedStep {
  const [first, ...others] = steps as readonly [TracedStep, ...TracedStep[]]
  if (others.length === 0) return first
  const layers = first.layers.map(
    (layer, i) =>
      new Map(Array.from(layer.keys(), (name) => [name, joined(steps.map((step) => step.layers[i]?.get(name)))])),
  )
  return { logits: steps.flatMap(({ logits }) => logits), layers }
}
