/** @file `completions.create`: texts that go on as they are, or up to a suffix, without the model's turns. */

import { type Gap, gapBetween } from '../../core/fill-in.ts'
import type { Model, ModelInfo, SaidToken } from '../../core/protocol.ts'
import { leaving } from '../../core/reply.ts'
import { merge, type ReplyEvent, startReplies } from '../shapes/replies.ts'
import { createMeter, finishOf, headOf, type Surroundings } from './answer.ts'
import { refusal } from './errors.ts'
import { readCompletionParameters, readSignal } from './parameters.ts'
import type { Completion, CompletionChunk, CompletionLogprobs, CompletionRequest, CreateOptions } from './types.ts'

const SILENCE = { text: '', tokens: [] }

/** The function behind `completions.create`, over `model`. */
export function createCompletions(model: Model, around: Surroundings) {
  return async (
    request: CompletionRequest,
    options?: CreateOptions,
  ): Promise<Completion | AsyncIterable<CompletionChunk>> => {
    const signal = readSignal(options)
    const { sampling, n, streams, wantsUsage, wantsTokens } = readCompletionParameters(request, model.info.name)
    const prompts = readPrompts(request)
    const gaps = readGaps(request, prompts, model.info)
    const meter = createMeter(around.now)

    async function begin(prompt: string, group: number): Promise<AsyncGenerator<ReplyEvent, void, void>> {
      const { text, ...written } = gaps?.[group] ?? { text: prompt, plain: true }
      const session = await model.createSession({ sampling, ...written })
      try {
        await session.append(text, signal ? { signal } : {})
      } catch (error) {
        await session.dispose()
        throw error
      }
      meter.read(group)
      const { seed } = sampling
      return startReplies({ model, session, n, seed, wantsTokens, trims: false, signal })
    }
    const all = await Promise.all(prompts.map(begin))

    const head = { ...headOf(model, 'cmpl', around), object: 'text_completion' as const }
    const hasUsage = wantsUsage || !streams
    async function* partsOf(group: number): AsyncGenerator<CompletionChunk, void, void> {
      const offsets = Array.from({ length: n }, () => prompts[group]?.length ?? 0)
      for await (const event of all[group] as (typeof all)[number]) {
        meter.hear(event, group)
        const { index } = event
        const { text, tokens } = event.type === 'text' ? event : SILENCE
        const logprobs = wantsTokens ? logprobsOf(tokens, offsets[index] as number) : null
        offsets[index] = (offsets[index] as number) + text.length
        const finish_reason = event.type === 'end' ? finishOf(event.summary) : null
        const choice = { index: group * n + index, text, logprobs, finish_reason }
        yield { ...head, choices: [choice], ...(hasUsage && { usage: null }) }
      }
    }
    async function* chunks(): AsyncGenerator<CompletionChunk, void, void> {
      yield* merge(all.map((_, group) => partsOf(group)))
      if (hasUsage) yield { ...head, choices: [], usage: meter.usage() }
    }
    const leave = () => {
      for (const events of all) void events.return()
    }
    return streams ? leaving(chunks(), leave) : sumOf(chunks(), wantsTokens)
  }
}

function readPrompts({ prompt }: CompletionRequest): readonly string[] {
  if (prompt === null || prompt === undefined) return ['']
  const prompts: readonly unknown[] = typeof prompt === 'string' ? [prompt] : prompt
  return prompts.map((one) => {
    if (typeof one === 'string') return one
    throw refusal(
      'prompt',
      'unsupported_value',
      'prompt is a list of ids; expected a text or a list of texts. For ids there is model.createState().',
    )
  })
}

/** Where there is a suffix, the gaps in front of it. */
function readGaps(
  { suffix }: CompletionRequest,
  prompts: readonly string[],
  info: ModelInfo,
): readonly Gap[] | undefined {
  if (!suffix) return undefined
  if (info.promptFormat.fillIn) return prompts.map((prompt) => gapBetween(info, prompt, suffix))
  throw refusal(
    'suffix',
    'unsupported_parameter',
    'This model was not taught to fill gaps: its prompt format has no fillIn. Leave suffix out, or take a model whose name says G1c or later.',
  )
}

const noLogprobs = (): CompletionLogprobs => ({ tokens: [], token_logprobs: [], top_logprobs: [], text_offset: [] })

/** Tokens of which the first stands at `offset`, in UTF-16 units from the beginning of the prompt. */
function logprobsOf(said: readonly SaidToken[], offset: number): CompletionLogprobs {
  const logprobs = noLogprobs()
  let at = offset
  for (const { text, logprob = 0, alternatives = [] } of said) {
    logprobs.tokens.push(text)
    logprobs.token_logprobs.push(logprob)
    logprobs.top_logprobs.push(Object.fromEntries(alternatives.map((one) => [one.text, one.logprob ?? 0])))
    logprobs.text_offset.push(at)
    at += text.length
  }
  return logprobs
}

/** The answer that chunks are parts of. */
async function sumOf(chunks: AsyncIterable<CompletionChunk>, wantsTokens: boolean): Promise<Completion> {
  const choices: Completion['choices'] = []
  for await (const { choices: parts, usage, ...head } of chunks) {
    for (const { index, text, logprobs, finish_reason } of parts) {
      choices[index] ??= { index, text: '', logprobs: wantsTokens ? noLogprobs() : null, finish_reason: 'stop' }
      const choice = choices[index]
      choice.text += text
      choice.finish_reason = finish_reason ?? choice.finish_reason
      if (!choice.logprobs || !logprobs) continue
      choice.logprobs.tokens.push(...logprobs.tokens)
      choice.logprobs.token_logprobs.push(...logprobs.token_logprobs)
      choice.logprobs.top_logprobs.push(...logprobs.top_logprobs)
      choice.logprobs.text_offset.push(...logprobs.text_offset)
    }
    if (usage) return { ...head, choices, usage }
  }
  throw new TypeError('chunks without an end') // there is always a last one with the usage
}
