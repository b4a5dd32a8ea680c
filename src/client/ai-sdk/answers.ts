/** @file Answers to chats in the AI SDK's words. */

import type {
  LanguageModelV3Content,
  LanguageModelV3FinishReason,
  LanguageModelV3ResponseMetadata,
  LanguageModelV3StreamPart,
  LanguageModelV3Usage,
} from '@ai-sdk/provider'
import type { ChatCompletion, ChatCompletionChunk, FinishReason, ToolCall, Usage } from '../openai/types.ts'

/** What a whole answer says. */
export function contentOf(message: ChatCompletion['choices'][number]['message'] | undefined): LanguageModelV3Content[] {
  const { content, reasoning_content: thoughts, tool_calls = [] } = message ?? {}
  return [
    ...(thoughts ? [{ type: 'reasoning' as const, text: thoughts }] : []),
    ...(content ? [{ type: 'text' as const, text: content }] : []),
    ...tool_calls.map(callOf),
  ]
}

/** Why it ended. */
export function finishOf(reason: FinishReason | undefined): LanguageModelV3FinishReason {
  return { unified: reason === 'tool_calls' ? 'tool-calls' : (reason ?? 'other'), raw: reason }
}

/** What it cost. */
export function usageOf(usage: Usage): LanguageModelV3Usage {
  const { prompt_tokens: total, completion_tokens: said, prompt_tokens_details, completion_tokens_details } = usage
  const reasoning = completion_tokens_details?.reasoning_tokens
  const { cached_tokens: cacheRead } = prompt_tokens_details
  return {
    inputTokens: { total, noCache: total - cacheRead, cacheRead, cacheWrite: undefined },
    outputTokens: { total: said, text: said - (reasoning ?? 0), reasoning },
    raw: { ...usage, prompt_tokens_details: { ...prompt_tokens_details } },
  }
}

/** Whose answer it is. */
export function metadataOf(answer: Pick<ChatCompletion, 'id' | 'created' | 'model'>): LanguageModelV3ResponseMetadata {
  return { id: answer.id, timestamp: new Date(answer.created * 1000), modelId: answer.model }
}

/** From the chunks of one answer, in order, to the parts of the SDK's stream. */
export function createParts(): (chunk: ChatCompletionChunk) => LanguageModelV3StreamPart[] {
  let isBegun = false
  let speaking: 'reasoning' | 'text' | undefined
  let reason: FinishReason | undefined
  return (chunk) => {
    const parts: LanguageModelV3StreamPart[] = []
    if (!isBegun) parts.push({ type: 'response-metadata', ...metadataOf(chunk) })
    isBegun = true
    const speak = (kind: typeof speaking) => {
      if (speaking && speaking !== kind) parts.push({ type: `${speaking}-end`, id: speaking })
      if (kind && speaking !== kind) parts.push({ type: `${kind}-start`, id: kind })
      speaking = kind
    }
    for (const { delta, finish_reason } of chunk.choices) {
      for (const [kind, said] of [
        ['reasoning', delta.reasoning_content],
        ['text', delta.content],
      ] as const) {
        if (!said) continue
        speak(kind)
        parts.push({ type: `${kind}-delta`, id: kind, delta: said })
      }
      if (delta.tool_calls || finish_reason) speak(undefined)
      parts.push(...(delta.tool_calls ?? []).flatMap(partsOfCall))
      reason = finish_reason ?? reason
    }
    if (chunk.usage) parts.push({ type: 'finish', finishReason: finishOf(reason), usage: usageOf(chunk.usage) })
    return parts
  }
}

function partsOfCall(call: ToolCall): LanguageModelV3StreamPart[] {
  const { id, function: called } = call
  return [
    { type: 'tool-input-start', id, toolName: called.name },
    { type: 'tool-input-delta', id, delta: called.arguments },
    { type: 'tool-input-end', id },
    callOf(call),
  ]
}

function callOf({ id, function: called }: ToolCall) {
  return { type: 'tool-call' as const, toolCallId: id, toolName: called.name, input: called.arguments }
}
