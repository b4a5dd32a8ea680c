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
  const { content, tool_calls = [] } = message ?? {}
  return [...(content ? [{ type: 'text' as const, text: content }] : []), ...tool_calls.map(callOf)]
}

/** Why it ended. */
export function finishOf(reason: FinishReason | undefined): LanguageModelV3FinishReason {
  return { unified: reason === 'tool_calls' ? 'tool-calls' : (reason ?? 'other'), raw: reason }
}

/** What it cost. */
export function usageOf(usage: Usage): LanguageModelV3Usage {
  const { prompt_tokens: total, completion_tokens: said, prompt_tokens_details } = usage
  const { cached_tokens: cacheRead } = prompt_tokens_details
  return {
    inputTokens: { total, noCache: total - cacheRead, cacheRead, cacheWrite: undefined },
    outputTokens: { total: said, text: said, reasoning: undefined },
    raw: { ...usage, prompt_tokens_details: { ...prompt_tokens_details } },
  }
}

/** Whose answer it is. */
export function metadataOf(answer: Pick<ChatCompletion, 'id' | 'created' | 'model'>): LanguageModelV3ResponseMetadata {
  return { id: answer.id, timestamp: new Date(answer.created * 1000), modelId: answer.model }
}

/** From the chunks of one answer, in order, to the parts of the SDK's stream. */
export function createParts(): (chunk: ChatCompletionChunk) => LanguageModelV3StreamPart[] {
  const id = 'text'
  let isBegun = false
  let isSpeaking = false
  let reason: FinishReason | undefined
  return (chunk) => {
    const parts: LanguageModelV3StreamPart[] = []
    if (!isBegun) parts.push({ type: 'response-metadata', ...metadataOf(chunk) })
    isBegun = true
    for (const { delta, finish_reason } of chunk.choices) {
      if (delta.content) {
        if (!isSpeaking) parts.push({ type: 'text-start', id })
        isSpeaking = true
        parts.push({ type: 'text-delta', id, delta: delta.content })
      }
      const isSilent = delta.tool_calls || finish_reason
      if (isSpeaking && isSilent) {
        parts.push({ type: 'text-end', id })
        isSpeaking = false
      }
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
