/**
 * @file `chat.completions.create`: a conversation, sent in full, and an answer to it. A whole answer is the sum of the
 * chunks that would have been streamed.
 */

import type { Model, SaidToken } from '../../core/protocol.ts'
import { leaving } from '../../core/reply.ts'
import { type ReplyEvent, startReplies, textOf } from '../shapes/replies.ts'
import { openSession } from '../shapes/turns.ts'
import { createMeter, finishOf, headOf, logprobsOf, type Surroundings } from './answer.ts'
import { readMessages } from './messages.ts'
import { readChatParameters, readSignal } from './parameters.ts'
import { readThinking } from './thinking.ts'
import { createCallFinder, type SaidPart } from './tool-calls.ts'
import { readTools, type Tooling } from './tools.ts'
import type {
  ChatCompletion,
  ChatCompletionChunk,
  ChatLogprobs,
  ChatRequest,
  CreateOptions,
  ToolCall,
} from './types.ts'

type ChunkChoice = ChatCompletionChunk['choices'][number]
type Choice = ChatCompletion['choices'][number]

/** The function behind `chat.completions.create`, over `model`. */
export function createChatCompletions(model: Model, around: Surroundings) {
  return async (
    request: ChatRequest,
    options?: CreateOptions,
  ): Promise<ChatCompletion | AsyncIterable<ChatCompletionChunk>> => {
    const { info } = model
    const signal = readSignal(options)
    const { sampling, n, streams, wantsUsage, wantsTokens, formatName } = readChatParameters(request, info.name)
    const { assistant, stop, ...taught } = info.promptFormat
    const think = readThinking(request, taught.think)
    const tools = readTools(request, taught.tools, formatName, think !== false)
    const turns = readMessages(request.messages, taught.tools)
    const meter = createMeter(around.now)
    const session = await openSession(model, {
      turns,
      sampling: {
        ...sampling,
        ...(tools && { format: tools.replies }),
        ...(tools && !tools.isForced && { stop: [...(sampling.stop ?? []), ...stop] }), // which do not count in a format
      },
      think,
      tools,
      prefix: tools?.begun,
      signal,
    })
    meter.read()
    const trims = assistant !== '' && !sampling.format && tools?.begun === undefined
    const { seed, maxTokens = info.sampling.maxTokens } = sampling
    const events = await startReplies({ model, session, n, seed, wantsTokens, trims, signal })

    const head = { ...headOf(model, 'chatcmpl', around), object: 'chat.completion.chunk' as const }
    const hasUsage = wantsUsage || !streams
    async function* chunks(): AsyncGenerator<ChatCompletionChunk, void, void> {
      const chunk = (choice: ChunkChoice): ChatCompletionChunk => ({
        ...head,
        choices: [choice],
        ...(hasUsage && { usage: null }),
      })
      for (let index = 0; index < n; index++)
        yield chunk({ index, delta: { role: 'assistant', content: '' }, logprobs: null, finish_reason: null })
      const deltasOf = createDeltas({ n, tools, maxTokens, wantsTokens, randomId: around.randomId })
      for await (const event of events) {
        meter.hear(event)
        for (const choice of deltasOf(event)) yield chunk(choice)
      }
      if (hasUsage) yield { ...head, choices: [], usage: meter.usage() }
    }
    return streams ? leaving(chunks(), () => void events.return()) : sumOf(chunks(), wantsTokens)
  }
}

/** What `createDeltas` takes. */
interface Deltas {
  readonly n: number
  readonly tools: Tooling | undefined
  readonly maxTokens: number
  readonly wantsTokens: boolean
  readonly randomId: () => string
}

/** From what happens to what is told of it; calls are told as a whole. */
function createDeltas({ n, tools, maxTokens, wantsTokens, randomId }: Deltas): (event: ReplyEvent) => ChunkChoice[] {
  const replies = Array.from({ length: n }, () => ({
    finder: createCallFinder(tools?.format, tools?.begun !== undefined),
    unsaid: createUnsaid(),
  }))
  return (event) => {
    const { index } = event
    const { finder, unsaid } = replies[index] as (typeof replies)[number]
    const say = (content: string, tokens: readonly SaidToken[]): ChunkChoice[] => {
      if (content === '') return []
      const logprobs: ChatLogprobs | null = wantsTokens ? { content: tokens.map(logprobsOf), refusal: null } : null
      return [{ index, delta: { content }, logprobs, finish_reason: null }]
    }
    if (event.type === 'thoughts')
      return [{ index, delta: { reasoning_content: event.text }, logprobs: null, finish_reason: null }]
    if (event.type === 'text') {
      const certain = finder.push(event.text)
      if (!wantsTokens) return say(certain, [])
      const tokens = unsaid.push(event.tokens, certain.length)
      return say(textOf(tokens), tokens)
    }
    const { text, parts, calls } = finder.end()
    const tokens = unsaid.end(parts)
    const choices = say(wantsTokens ? textOf(tokens) : text, tokens)
    const tool_calls = calls.map((call, place) => ({
      index: place,
      id: `call_${randomId()}`,
      type: 'function' as const,
      function: { ...call },
    }))
    if (tool_calls.length > 0) choices.push({ index, delta: { tool_calls }, logprobs: null, finish_reason: null })
    const isCut = tools && event.summary.ids.length >= maxTokens // a text may end anywhere, so it counts as whole
    const finish_reason = tool_calls.length > 0 ? 'tool_calls' : isCut ? 'length' : finishOf(event.summary)
    return [...choices, { index, delta: {}, logprobs: null, finish_reason }]
  }
}

/** Tokens that are not told yet, since what they say may be part of a call. */
function createUnsaid() {
  const waiting: SaidToken[] = []
  let certain = 0 // characters at their beginning that are text
  return {
    /** More, and how many more characters are text for certain. @returns those of which all is */
    push(tokens: readonly SaidToken[], more: number): SaidToken[] {
      waiting.push(...tokens)
      certain += more
      let count = 0
      for (const { text } of waiting) {
        if (text.length > certain) break
        certain -= text.length
        count += 1
      }
      return waiting.splice(0, count)
    },
    /** What of the rest is text. */
    end(parts: readonly SaidPart[]): SaidToken[] {
      const isText = [{ said: ' '.repeat(certain), isText: true }, ...parts].flatMap(({ said, isText }) =>
        Array<boolean>(said.length).fill(isText),
      )
      return waiting.flatMap((token) => {
        const kept = isText.splice(0, token.text.length)
        const text = token.text
          .split('')
          .filter((_, place) => kept[place])
          .join('')
        return text !== '' || (token.text === '' && isText[0]) ? [{ ...token, text }] : []
      })
    },
  }
}

/** The answer that chunks are parts of. */
async function sumOf(chunks: AsyncIterable<ChatCompletionChunk>, wantsTokens: boolean): Promise<ChatCompletion> {
  const choices: Choice[] = []
  for await (const { choices: parts, usage, object: _, ...head } of chunks) {
    for (const { index, delta, logprobs, finish_reason } of parts) {
      choices[index] ??= {
        index,
        message: { role: 'assistant', content: '', refusal: null },
        logprobs: wantsTokens ? { content: [], refusal: null } : null,
        finish_reason: 'stop',
      }
      const choice = choices[index]
      const { message } = choice
      message.content += delta.content ?? ''
      if (delta.reasoning_content)
        message.reasoning_content = (message.reasoning_content ?? '') + delta.reasoning_content
      if (delta.tool_calls) choice.message.tool_calls = delta.tool_calls.map(({ index: __, ...call }): ToolCall => call)
      choice.logprobs?.content?.push(...(logprobs?.content ?? []))
      choice.finish_reason = finish_reason ?? choice.finish_reason
    }
    if (!usage) continue
    for (const { message } of choices) if (message.tool_calls && message.content === '') message.content = null
    return { ...head, object: 'chat.completion', choices, usage }
  }
  throw new TypeError('chunks without an end') // there is always a last one with the usage
}
