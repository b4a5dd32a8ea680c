/** @file The tools of a chat request: which the model is told of, and whether it must call one. */

import { isObject } from '../../core/kinds.ts'
import { writePlainJson } from '../../core/plain-json.ts'
import type { ReplyFormat, ToolFormat } from '../../core/protocol.ts'
import { show } from '../../core/show.ts'
import type { OfferedTool } from '../shapes/present-tools.ts'
import { callFormat } from './call-format.ts'
import { refusal } from './errors.ts'
import { needTools } from './messages.ts'
import { marksOf } from './tool-calls.ts'
import type { ChatRequest, ChatTool } from './types.ts'

/** Tools that the model is told of. */
export interface Tooling {
  readonly format: ToolFormat
  readonly offered: readonly OfferedTool[]
  /** What a reply is written in: text and calls, or a call. */
  readonly replies: ReplyFormat
  /** Whether the reply must be a call. */
  readonly isForced: boolean
  /** Where it must and is not thought about before: what it is begun with. */
  readonly begun: string | undefined
}

/**
 * What a request says of tools; undefined where the model is told of none.
 * @param formatName the parameter that asks for a format, if one does
 * @param thinks whether the reply begins with thoughts
 * @throws RwkvError `option/invalid`, also where the model was not taught to call tools
 */
export function readTools(
  request: ChatRequest,
  known: ToolFormat | undefined,
  formatName: string | undefined,
  thinks: boolean,
): Tooling | undefined {
  const { tools: given, tool_choice: choice, parallel_tool_calls: parallel } = request
  if (!given || given.length === 0) {
    if (choice != null && choice !== 'none' && choice !== 'auto')
      throw refusal('tool_choice', 'invalid_value', 'tool_choice asks for a call, but there are no tools.')
    return undefined
  }
  const format = needTools(known, 'tools')
  const offered = given.map(readTool)
  if (choice === 'none') return undefined
  if (formatName !== undefined)
    throw refusal(
      formatName,
      'unsupported_value',
      `A reply is either a call or in a format. Give tools or ${formatName}, not both.`,
    )
  const isForced = choice === 'required' || (typeof choice === 'object' && choice !== null)
  const marks = marksOf(format)
  const isBegun = isForced && !thinks
  const tools = isForced && choice !== 'required' ? [chosen(offered, choice)] : offered
  const replies = callFormat({ marks, tools, isForced, isBegun, goesOn: !isForced && parallel !== false })
  return { format, offered, replies, isForced, begun: isBegun ? marks.start : undefined }
}

function readTool(tool: ChatTool, i: number): OfferedTool {
  const at = `tools[${i}]`
  if (tool?.type !== 'function')
    throw refusal(
      `${at}.type`,
      'unsupported_value',
      `${at}.type is ${show(tool?.type)}; expected "function", the only kind of tool there is here.`,
    )
  const { name, description, parameters } = tool.function ?? {}
  if (typeof name !== 'string' || name === '')
    throw refusal(`${at}.function.name`, 'missing_required_parameter', `${at} has no name.`)
  const refuse = (member: string, value: unknown, expected: string) =>
    refusal(
      `${at}.function.${member}`,
      'invalid_type',
      `${at}.function.${member} is ${show(value)}; expected ${expected}.`,
    )
  if (description != null && typeof description !== 'string') throw refuse('description', description, 'a text')
  if (parameters != null && !isObject(parameters)) throw refuse('parameters', parameters, 'a JSON Schema')
  return {
    name,
    ...(description && { description }),
    ...(parameters && { parameters: JSON.parse(writePlainJson(`${at}.function.parameters`, parameters)) }),
  }
}

function chosen(offered: Tooling['offered'], choice: Exclude<ChatRequest['tool_choice'], string | null | undefined>) {
  if (choice.type !== 'function')
    throw refusal(
      'tool_choice',
      'unsupported_value',
      `tool_choice is of type ${show(choice.type)}; expected "function".`,
    )
  const tool = offered.find(({ name }) => name === choice.function?.name)
  if (tool) return tool
  throw refusal(
    'tool_choice',
    'invalid_value',
    `tool_choice names ${show(choice.function?.name)}, which is none of the tools.`,
  )
}
