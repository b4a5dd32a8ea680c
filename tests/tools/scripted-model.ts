/**
 * @file A model without weights, for whatever speaks to a model: it says what a script says, reads text as characters, and
 * remembers the texts that it was asked about. Tokens of a reply are its words, each with the space in front of it.
 */

import { createFillIn } from '../../src/core/fill-in.ts'
import { createMany } from '../../src/core/many.ts'
import type {
  Model,
  ModelInfo,
  PromptFormat,
  PromptOptions,
  Reply,
  ReplySummary,
  SaidToken,
  SamplingOptions,
  Session,
  SessionOptions,
} from '../../src/core/protocol.ts'
import { createReply } from '../../src/core/reply.ts'
import { defaultSampling, resolveSampling } from '../../src/sample/options.ts'
import {
  formatReply,
  formatSystem,
  formatUser,
  plainFormat,
  userAssistantFormat,
} from '../../src/text/prompt-format.ts'
import { hintOf } from '../../src/text/thoughts.ts'

/** What a reply is asked for with. */
export interface Asked {
  /** All that the session has read. */
  readonly context: string
  readonly sampling: SamplingOptions
}

/** What `scriptedModel` takes. */
export interface Script {
  readonly answer: (asked: Asked) => string
  /** What is thought in front of an answer, where that is asked for. */
  readonly thinks?: string
  /** Its tokens, by what each adds to it. By default its words, each with the space in front of it. */
  readonly tokensOf?: (text: string) => readonly string[]
  readonly promptFormat?: PromptFormat
}

/**
 * A model that says what `answer` says; `asked` is what it was asked, `alive` how many sessions are not disposed, `words`
 * how many tokens it has said.
 */
export function scriptedModel({ answer, thinks = '', tokensOf = wordsOf, promptFormat = userAssistantFormat }: Script) {
  const asked: Asked[] = []
  const known = new Set<string>() // contexts that were read by some session
  let alive = 0
  let spoken = 0
  const unused = () => Promise.reject(new Error('not used'))
  const formatOf = ({ plain, promptFormat: own }: SessionOptions) => (plain ? plainFormat : (own ?? promptFormat))

  function sessionOf(start: string, options: SessionOptions): Session {
    const { sampling, plain, think } = options
    const format = formatOf(options)
    let context = start
    let fed = 0 // how much of the context this session has read itself
    let disposed = false
    alive++

    const read = () => {
      const found = [...known].filter((text) => context.startsWith(text)).map((text) => text.length)
      fed = context.length - Math.max(0, ...found)
      known.add(context)
    }
    const respond = ({ sampling: own, signal, onToken, onThoughts }: PromptOptions): Reply =>
      createReply(async (emit, ended) => {
        read()
        const { format: form, ...rest } = { ...sampling, ...own }
        const resolved = { ...resolveSampling(defaultSampling, rest), ...(form && { format: form }) }
        asked.push({ context, sampling: resolved })
        const told = cut(answer({ context, sampling: resolved }), form ? [] : format.stop)
        const space = plain ? '' : told.slice(0, told.length - told.trimStart().length)
        const words = tokensOf(space + cut(told.slice(space.length), resolved.stop ?? []))
        const said = words.slice(0, resolved.maxTokens)
        const thoughts = think ? tokensOf(thinks) : []
        for (const [index, text] of thoughts.entries()) {
          await new Promise((resolve) => setImmediate(resolve))
          onToken?.({ index, id: 0, text, isThought: true })
          onThoughts?.(text)
        }
        const tokens: SaidToken[] = []
        for (const [index, text] of said.entries()) {
          await new Promise((resolve) => setImmediate(resolve))
          if (ended.aborted) break
          const { logprobs } = resolved
          const choice = { id: text.length, text, ...(logprobs !== undefined && { logprob: -0.5 }) }
          const others = Array.from({ length: logprobs ?? 0 }, (_, i) => ({ id: i, text: `${i}`, logprob: -1 - i }))
          const token = { index, ...choice, ...(logprobs !== undefined && { alternatives: others }) }
          tokens.push(token)
          spoken++
          onToken?.(token)
          emit(text)
        }
        const text = tokens.map((token) => token.text).join('')
        const finishReason = ended.aborted ? 'abort' : said.length < words.length ? 'length' : 'stop'
        const summary: ReplySummary = {
          text,
          ids: [...thoughts.map(() => 0), ...tokens.map(({ id }) => id)],
          ...(think && { thoughts: { text: thinks, tokens: thoughts.length } }),
          tokens,
          seed: resolved.seed ?? 0,
          finishReason,
          promptTokens: fed,
          promptMs: 2,
          contextTokens: context.length,
          reusedTokens: context.length - fed,
          generateMs: 10,
          tokensPerSecond: 100,
        }
        context += text + format.end
        return summary
      }, signal)

    return {
      prompt: (text, options = {}) => {
        context += formatUser(format, text)
        return respond(options)
      },
      respond: (options = {}) => respond(options),
      async append(text, { role = 'text', signal } = {}) {
        signal?.throwIfAborted()
        if (role === 'user') context += formatUser(format, text, hintOf(format.think, think ?? false))
        else context += role === 'text' ? text : formatReply(format, text) + format.end
      },
      fork: async () => sessionOf(context, options),
      async dispose() {
        if (!disposed) alive--
        disposed = true
      },
      async mark() {
        return { id: 0, tokens: context.length, messages: 0 }
      },
      transcript: unused,
      rewind: unused,
      branch: unused,
      save: unused,
      saveParts: unused,
      beamSearch: unused,
      inspect: unused,
      read: unused,
    }
  }

  const createSession: Model['createSession'] = async ({ system, ...options } = {}) => {
    const { format: _, ...sampling } = options.sampling ?? {}
    resolveSampling(sampling) // as the engine: refused with the session
    const format = formatOf(options)
    return sessionOf(system === undefined ? (format.opener ?? '') : formatSystem(format, system), options)
  }
  const info: ModelInfo = {
    name: 'scripted',
    config: { version: 4, L: 1, C: 1, F: 1, V: 1 },
    state: [],
    license: 'none',
    fingerprint: '0123456789abcdef',
    weights: 'f32',
    weightByteLength: 0,
    stateByteLength: 0,
    device: { name: 'webgpu', reason: 'There is nothing else.' },
    adapter: { vendor: '', architecture: '', description: '', isFallback: true, features: [], limits: {} },
    preset: 'software',
    threads: undefined,
    warnings: [],
    promptFormat,
    sampling: defaultSampling,
  }
  const model: Model = {
    info,
    encode: async (text) => Array.from(text, (character) => character.codePointAt(0) ?? 0),
    decode: unused,
    createState: unused,
    feedBatch: unused,
    createSession,
    ...createMany(createSession),
    fillIn: createFillIn(info, createSession),
    restoreSession: unused,
    evaluate: unused,
    score: unused,
    profile: unused,
    counters: unused,
    dispose: async () => {},
  }
  return { model, asked, alive: () => alive, words: () => spoken }
}

const wordsOf = (text: string): readonly string[] => text.match(/\s*\S+|\s+$/g) ?? []

/** `text` up to the first of `stops`. */
function cut(text: string, stops: readonly string[]): string {
  const at = stops.map((stop) => text.indexOf(stop)).filter((place) => place >= 0)
  return text.slice(0, Math.min(text.length, ...at))
}
