/** @file A call of the AI SDK as a chat request; what means nothing here becomes a warning, as the SDK wants it. */

import type {
  LanguageModelV3CallOptions,
  LanguageModelV3Message,
  LanguageModelV3ToolResultOutput,
  LanguageModelV3ToolResultPart,
  SharedV3Warning,
} from '@ai-sdk/provider'
import type { ChatMessage, ChatRequest, ResponseFormat } from '../openai/types.ts'

/** A call, read. */
export interface ReadCall {
  readonly request: Omit<ChatRequest, 'stream'> & { readonly stream?: false }
  readonly warnings: SharedV3Warning[]
}

/** The request that a call comes to. What is wrong with it is found when it is made. */
export function readCall(call: LanguageModelV3CallOptions): ReadCall {
  const warnings: SharedV3Warning[] = []
  const warn = (feature: string, details: string) => warnings.push({ type: 'unsupported', feature, details })
  const { responseFormat, toolChoice, tools = [] } = call
  const functions = tools.flatMap((tool) => {
    if (tool.type !== 'function') {
      warn(`the tool ${tool.name}`, 'There is no provider that could carry it out.')
      return []
    }
    const { name, description, inputSchema: parameters } = tool
    return [{ type: 'function', function: { name, ...(description !== undefined && { description }), parameters } }]
  })
  const { reasoningEffort, ...others } = call.providerOptions?.['rwkv.js'] ?? {}
  for (const name of Object.keys(others)) warn(`providerOptions.${name}`, 'Of rwkv.js there is reasoningEffort.')
  const request: ReadCall['request'] = {
    messages: call.prompt.flatMap((message) => messagesOf(message, warn)),
    max_completion_tokens: call.maxOutputTokens ?? null,
    temperature: call.temperature ?? null,
    top_p: call.topP ?? null,
    top_k: call.topK ?? null,
    presence_penalty: call.presencePenalty ?? null,
    frequency_penalty: call.frequencyPenalty ?? null,
    stop: call.stopSequences ?? null,
    seed: call.seed ?? null,
    ...(typeof reasoningEffort === 'string' && { reasoning_effort: reasoningEffort }),
    ...(responseFormat?.type === 'json' && { response_format: formatOf(responseFormat) }),
    ...(functions.length > 0 && { tools: functions }),
    ...(functions.length > 0 && toolChoice && { tool_choice: choiceOf(toolChoice) }),
  }
  return { request, warnings }
}

function formatOf({ schema, name = 'reply' }: { schema?: object; name?: string }): ResponseFormat {
  return schema ? { type: 'json_schema', json_schema: { name, schema, strict: true } } : { type: 'json_object' }
}

function choiceOf(
  choice: NonNullable<LanguageModelV3CallOptions['toolChoice']>,
): NonNullable<ChatRequest['tool_choice']> {
  return choice.type === 'tool' ? { type: 'function', function: { name: choice.toolName } } : choice.type
}

type Warn = (feature: string, details: string) => void

function messagesOf(message: LanguageModelV3Message, warn: Warn): ChatMessage[] {
  switch (message.role) {
    case 'system':
      return [{ role: 'system', content: message.content }]
    case 'user': // a file is no text: it is refused by its place
      return [{ role: 'user', content: message.content.map(textPart) }]
    case 'tool':
      return message.content.flatMap((part) => {
        if (part.type === 'tool-result') return [resultOf(part)]
        warn(part.type, 'Calls need no approval here.')
        return []
      })
    case 'assistant': {
      const texts: string[] = []
      const calls: NonNullable<ChatMessage['tool_calls']>[number][] = []
      for (const part of message.content) {
        if (part.type === 'text') texts.push(part.text)
        else if (part.type === 'tool-call') {
          const given = { name: part.toolName, arguments: JSON.stringify(part.input) }
          calls.push({ id: part.toolCallId, type: 'function', function: given })
        } else if (part.type !== 'reasoning') warn(part.type, 'A reply is read without it.')
      }
      return [{ role: 'assistant', content: texts.join(''), ...(calls.length > 0 && { tool_calls: calls }) }]
    }
  }
}

function textPart(part: { readonly type: string; readonly text?: string }) {
  return part.type === 'text' ? { type: part.type, text: part.text ?? '' } : { type: part.type }
}

function resultOf({ toolCallId, output }: LanguageModelV3ToolResultPart): ChatMessage {
  return { role: 'tool', tool_call_id: toolCallId, content: wordsOf(output) }
}

function wordsOf(output: LanguageModelV3ToolResultOutput): string {
  switch (output.type) {
    case 'text':
    case 'error-text':
      return output.value
    case 'json':
    case 'error-json':
      return JSON.stringify(output.value)
    case 'execution-denied':
      return output.reason ?? 'The call was not allowed.'
    case 'content':
      return output.value.map((part) => (part.type === 'text' ? part.text : `(${part.type})`)).join('\n')
  }
}
