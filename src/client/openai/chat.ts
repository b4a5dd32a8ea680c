/**
 * @file `chat.completions.create`: a conversation, sent in full, and an answer to it. A whole answer is the sum of the
 * chunks that would have been streamed.
 */

import type { Model } from '../../core/protocol.ts'
import { leaving } from '../../core/reply.ts'
import { type ReplyEvent, startReplies } from '../shapes/replies.ts'
import { openSession } from '../shapes/turns.ts'
import { createMeter, finishOf, headOf, logprobsOf, type Surroundings } from './answer.ts'
import { readMessages } from './messages.ts'
import { readChatParameters } from './parameters.ts'
import { createCallFinder, parseCall } from './tool-calls.ts'
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
    { signal }: CreateOptions = {},
  ): Promise<ChatCompletion | AsyncIterable<ChatCompletionChunk>> => {
    const { info } = model
    const { sampling, n, streams, wantsUsage, wantsTokens } = readChatParameters(request, info.name)
    const tools = readTools(request, info.promptFormat.tools)
    const turns = readMessages(request.messages, info.promptFormat.tools)
    const meter = createMeter(around.now)
    const session = await openSession(model, {
      turns,
      sampling: {
        ...sampling,
        ...(tools?.stop.length && { stop: [...(sampling.stop ?? []), ...tools.stop] }),
        ...(tools?.forced && { format: tools.forced }),
      },
      tools,
      prefix: tools?.forced && tools.format.callStart,
      signal: signal ?? undefined,
    })
    meter.read()
    const trims = info.promptFormat.assistant !== ''
    const { seed } = sampling
    const events = await startReplies({ model, session, n, seed, wantsTokens, trims, signal: signal ?? undefined })

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
      const deltasOf = createDeltas({ n, tools, wantsTokens, randomId: around.randomId })
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
  readonly wantsTokens: boolean
  readonly randomId: () => string
}

/** From what happens to what is told of it; calls are told as a whole. */
function createDeltas({ n, tools, wantsTokens, randomId }: Deltas): (event: ReplyEvent) => ChunkChoice[] {
  const finders = Array.from({ length: n }, () => createFinder(tools))
  return (event) => {
    const { index, tokens } = event
    const finder = finders[index] as ReturnType<typeof createFinder>
    const logprobs: ChatLogprobs | null = wantsTokens ? { content: tokens.map(logprobsOf), refusal: null } : null
    if (event.type === 'text') {
      const content = finder.push(event.text)
      const isSilent = content === '' && tokens.length === 0
      return isSilent ? [] : [{ index, delta: { content }, logprobs, finish_reason: null }]
    }
    const { text, calls } = finder.end()
    const choices: ChunkChoice[] = []
    if (text !== '') choices.push({ index, delta: { content: text }, logprobs: null, finish_reason: null })
    const tool_calls = calls.map((call, place) => ({
      index: place,
      id: `call_${randomId()}`,
      type: 'function' as const,
      function: { ...call },
    }))
    if (tool_calls.length > 0) choices.push({ index, delta: { tool_calls }, logprobs: null, finish_reason: null })
    const finish_reason = tool_calls.length > 0 ? 'tool_calls' : finishOf(event.summary)
    return [...choices, { index, delta: {}, logprobs, finish_reason }]
  }
}

/** A reply that must be a call is one as a whole; in others calls are looked for. */
function createFinder(tools: Tooling | undefined) {
  if (!tools?.forced) return createCallFinder(tools?.format)
  let said = ''
  return {
    push(piece: string) {
      said += piece
      return ''
    },
    end() {
      const call = parseCall(said)
      return call ? { text: '', calls: [call] } : { text: said, calls: [] }
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
      choice.message.content += delta.content ?? ''
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
