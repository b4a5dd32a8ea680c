/** @file From the messages of a chat request to turns; whatever these models cannot read is refused by its place. */

import type { ToolFormat } from '../../core/protocol.ts'
import { show } from '../../core/show.ts'
import type { Turn } from '../shapes/turns.ts'
import { refusal } from './errors.ts'
import { writeCalls } from './tool-calls.ts'
import type { ChatMessage, ContentPart } from './types.ts'

/** Fields of a message: those that are taken, and those that answers have and that say nothing when they are empty. */
const READ = ['role', 'content', 'refusal', 'reasoning_content', 'tool_calls', 'tool_call_id']
const EMPTY = ['annotations', 'audio', 'function_call']

/**
 * Turns, in order. `developer` is another word for `system`.
 * @param tools how the model calls tools; undefined where it does not
 * @throws RwkvError `option/invalid` naming the message, such as `messages[1].content`
 */
export function readMessages(messages: readonly ChatMessage[], tools: ToolFormat | undefined): Turn[] {
  const called = new Set<string>()
  return messages.map((message, i) => {
    const at = `messages[${i}]`
    checkFields(message, at)
    const { role } = message
    switch (role) {
      case 'system':
      case 'developer':
        return { role: 'system', text: contentOf(message, at) }
      case 'user':
        return { role, text: contentOf(message, at) }
      case 'assistant': {
        const { refusal: refused } = message
        const tool_calls = message.tool_calls ?? []
        const isSilent = message.content === null || message.content === undefined
        const text = isSilent && (refused || tool_calls.length > 0) ? (refused ?? '') : contentOf(message, at)
        if (tool_calls.length === 0) return { role, text }
        const format = needTools(tools, `${at}.tool_calls`)
        const said = writeCalls(format, text, callsOf(tool_calls, at))
        for (const { id } of tool_calls) called.add(id)
        return { role, text: said }
      }
      case 'tool': {
        needTools(tools, at)
        const { tool_call_id: id } = message
        if (id === undefined || !called.has(id))
          throw refusal(
            `${at}.tool_call_id`,
            'invalid_value',
            `tool_call_id is ${show(id)}; expected the id of a call in an earlier message.`,
          )
        return { role, text: contentOf(message, at) }
      }
      case 'function':
        throw refusal(`${at}.role`, 'unsupported_value', 'Messages of role function are deprecated. Use role tool.')
      default:
        throw refusal(
          `${at}.role`,
          'invalid_value',
          `${at}.role is ${show(role)}; expected system, developer, user, assistant or tool.`,
        )
    }
  })
}

/** @throws RwkvError `option/invalid` where the model was not taught to call tools */
export function needTools(tools: ToolFormat | undefined, param: string): ToolFormat {
  if (tools) return tools
  throw refusal(
    param,
    'unsupported_parameter',
    'This model was not taught to call tools: its description has no prompt_format.tools. Take one that was, or ask for JSON by response_format.',
  )
}

function checkFields(message: ChatMessage, at: string): void {
  if (typeof message !== 'object' || message === null)
    throw refusal(at, 'invalid_type', `${at} is ${show(message)}; expected { role, content }.`)
  for (const [name, value] of Object.entries(message)) {
    const isEmpty = Array.isArray(value) && value.length === 0
    if (value === null || value === undefined || READ.includes(name) || (EMPTY.includes(name) && isEmpty)) continue
    if (name === 'name')
      throw refusal(
        `${at}.name`,
        'unsupported_parameter',
        'These models know no names of speakers. Put the name into the content.',
      )
    if (EMPTY.includes(name))
      throw refusal(`${at}.${name}`, 'unsupported_parameter', `${name} is not supported. These models read text only.`)
    throw refusal(
      `${at}.${name}`,
      'unknown_parameter',
      `There is no field ${name} of a message. Expected ${READ.join(', ')}.`,
    )
  }
}

/** The text of a message; its parts are joined by line breaks. */
function contentOf({ content }: ChatMessage, at: string): string {
  if (typeof content === 'string') return content
  if (Array.isArray(content))
    return content.map((part: ContentPart, j) => textOf(part, `${at}.content[${j}]`)).join('\n')
  const fault = content === undefined || content === null ? 'missing_required_parameter' : 'invalid_type'
  throw refusal(`${at}.content`, fault, `${at}.content is ${show(content)}; expected a text or a list of parts.`)
}

function textOf(part: ContentPart, at: string): string {
  const { type, text, refusal: refused } = part ?? {}
  if (type === 'text' && typeof text === 'string') return text
  if (type === 'refusal' && typeof refused === 'string') return refused
  if (type === 'image_url' || type === 'input_audio' || type === 'file')
    throw refusal(at, 'unsupported_value', `A part of type ${type} is not supported. These models read text only.`)
  throw refusal(at, 'invalid_value', `${at} is ${show(part)}; expected { type: "text", text }.`)
}

function callsOf(calls: NonNullable<ChatMessage['tool_calls']>, at: string) {
  if (!Array.isArray(calls))
    throw refusal(`${at}.tool_calls`, 'invalid_type', `${at}.tool_calls is ${show(calls)}; expected a list of calls.`)
  return calls.map((call, j) => {
    const { name, arguments: given } = call?.function ?? {}
    const place = `${at}.tool_calls[${j}]`
    if (call?.type !== 'function' || typeof name !== 'string' || typeof given !== 'string')
      throw refusal(
        place,
        'unsupported_value',
        `${place} is ${show(call)}; expected { id, type: "function", function: { name, arguments } }.`,
      )
    return { name, arguments: given }
  })
}
