/** @file A session of the Prompt API over one of ours. Calls are carried out in order. */

import type { Model, Session } from '../../core/protocol.ts'
import { createTurns, type Turns } from '../../core/turns.ts'
import { formatReply } from '../../text/prompt-format.ts'
import { createTrim } from '../shapes/replies.ts'
import { countIds, type Reading, readAll, readingsOf } from '../shapes/turns.ts'
import { type Input, readConstraint, readInput } from './input.ts'
import type { LanguageModelSession, Prompt, PromptOptions } from './types.ts'

/** What a conversation is made of. */
export interface Conversation {
  readonly model: Model
  /** Taken over. */
  readonly session: Session
  readonly temperature: number
  readonly topK: number
  /** Ids it has read. */
  readonly usage: number
  readonly hasBegun: boolean
}

/** Our side of `LanguageModelSession`. */
export class PromptSession extends EventTarget implements LanguageModelSession {
  readonly contextWindow = Infinity
  readonly inputQuota = Infinity
  oncontextoverflow = null
  readonly temperature: number
  readonly topK: number
  readonly #model: Model
  readonly #session: Session
  readonly #inTurn = createTurns()
  readonly #end = new AbortController()
  #usage: number
  #hasBegun: boolean

  constructor({ model, session, temperature, topK, usage, hasBegun }: Conversation) {
    super()
    this.temperature = temperature
    this.topK = topK
    this.#model = model
    this.#session = session
    this.#usage = usage
    this.#hasBegun = hasBegun
  }

  get contextUsage(): number {
    return this.#usage
  }

  get inputUsage(): number {
    return this.#usage
  }

  async prompt(input: Prompt, { signal, ...options }: PromptOptions = {}): Promise<string> {
    let text = ''
    for await (const piece of this.#reply(takeTurn(this.#inTurn), input, options, this.#signalOf(signal))) text += piece
    return text
  }

  promptStreaming(input: Prompt, { signal, ...options }: PromptOptions = {}): ReadableStream<string> {
    const cancelled = new AbortController()
    const ends = this.#signalOf(signal, cancelled.signal)
    const pieces = this.#reply(takeTurn(this.#inTurn), input, options, ends)
    return new ReadableStream({
      async start(controller) {
        const pump = async () => {
          for await (const piece of pieces) controller.enqueue(piece)
          controller.close()
        }
        pump().catch((error: unknown) => controller.error(error)) // whether or not it is read, as the draft says
      },
      cancel: (reason) => cancelled.abort(reason),
    })
  }

  async append(input: Prompt, { signal: own }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    const signal = this.#signalOf(own)
    await this.#inTurn(async () => {
      signal.throwIfAborted()
      await this.#read(readInput(input, this.#hasBegun), false, signal)
    })
  }

  async measureContextUsage(input: Prompt, options: PromptOptions = {}): Promise<number> {
    this.#signalOf(options.signal).throwIfAborted()
    readConstraint(options)
    return countIds(this.#model, this.#readings(readInput(input, false), true))
  }

  measureInputUsage(input: Prompt, options?: PromptOptions): Promise<number> {
    return this.measureContextUsage(input, options)
  }

  async clone({ signal: own }: { readonly signal?: AbortSignal } = {}): Promise<LanguageModelSession> {
    const signal = this.#signalOf(own)
    return this.#inTurn(async () => {
      signal.throwIfAborted()
      return new PromptSession({
        model: this.#model,
        session: await this.#session.fork(),
        temperature: this.temperature,
        topK: this.topK,
        usage: this.#usage,
        hasBegun: this.#hasBegun,
      })
    })
  }

  destroy(): void {
    this.#end.abort(new DOMException('The session has been destroyed.', 'AbortError'))
    this.#session.dispose().catch(() => {}) // of a model that is gone, nothing is left to dispose
  }

  /** The pieces of a reply, made in its turn. */
  async *#reply(turn: Promise<() => void>, input: Prompt, asked: Omit<PromptOptions, 'signal'>, signal: AbortSignal) {
    const endTurn = await turn
    try {
      signal.throwIfAborted()
      const format = readConstraint(asked)
      const given = readInput(input, this.#hasBegun)
      await this.#read(given, true, signal)
      const reply = this.#session.respond({ signal, ...(format && { sampling: { format } }) })
      const { assistant, end } = this.#model.info.promptFormat
      const isWhole = given.prefix !== undefined || assistant === '' || format !== undefined
      const trim = isWhole ? (piece: string) => piece : createTrim() // else it begins with a space
      try {
        for await (const piece of reply) {
          const text = trim(piece)
          if (text !== '') yield text
        }
      } finally {
        const said = await reply.summary.catch(() => undefined) // one that failed has left nothing
        if (said) this.#usage = said.contextTokens + said.ids.length + (await this.#model.encode(end)).length
      }
    } finally {
      endTurn()
    }
  }

  async #read(input: Input, leadsOn: boolean, signal: AbortSignal): Promise<void> {
    const readings = this.#readings(input, leadsOn)
    await readAll(this.#session, readings, signal)
    this.#hasBegun = true
    this.#usage += await countIds(this.#model, readings)
  }

  #readings({ turns, prefix }: Input, leadsOn: boolean): Reading[] {
    const { promptFormat } = this.#model.info
    const readings = readingsOf(promptFormat, turns, leadsOn || prefix !== undefined)
    return prefix === undefined ? readings : [...readings, { role: 'text', text: formatReply(promptFormat, prefix) }]
  }

  #signalOf(...signals: (AbortSignal | undefined)[]): AbortSignal {
    return AbortSignal.any([this.#end.signal, ...signals.filter((signal) => signal !== undefined)])
  }
}

/** Wait for a turn, which lasts until what this resolves to is called. */
function takeTurn(turns: Turns): Promise<() => void> {
  return new Promise((taken) => {
    void turns(() => new Promise<void>((over) => taken(over)))
  })
}
