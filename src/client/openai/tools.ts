/** @file The tools of a chat request: which the model is told of, and whether it must call one. */

import type { ReplyFormat, ToolFormat } from '../../core/protocol.ts'
import { show } from '../../core/show.ts'
import { refusal } from './errors.ts'
import { needTools } from './messages.ts'
import type { ChatRequest, ChatTool } from './types.ts'

/** Tools that the model is told of. */
export interface Tooling {
  readonly format: ToolFormat
  readonly offered: readonly NonNullable<ChatTool['function']>[]
  /** Set where the reply must be a call: it begins as one, and goes on in this form. */
  readonly forced: ReplyFormat | undefined
  /** Where a reply ends behind its first call, the text that ends it. */
  readonly stop: readonly string[]
}

/**
 * What a request says of tools; undefined where the model is told of none.
 * @param formatName the parameter that asks for a format, if one does
 * @throws RwkvError `option/invalid`, also where the model was not taught to call tools
 */
export function readTools(
  request: ChatRequest,
  known: ToolFormat | undefined,
  formatName: string | undefined,
): Tooling | undefined {
  const { tools, tool_choice: choice, parallel_tool_calls: parallel } = request
  if (!tools || tools.length === 0) {
    if (choice != null && choice !== 'none' && choice !== 'auto')
      throw refusal('tool_choice', 'invalid_value', 'tool_choice asks for a call, but there are no tools.')
    return undefined
  }
  const format = needTools(known, 'tools')
  const offered = tools.map(readTool)
  if (choice === 'none') return undefined
  if (formatName !== undefined)
    throw refusal(
      formatName,
      'unsupported_value',
      `A reply is either a call or in a format. Give tools or ${formatName}, not both.`,
    )
  const isForced = choice === 'required' || (typeof choice === 'object' && choice !== null)
  return {
    format,
    offered,
    forced: isForced ? formOf(choice === 'required' ? offered : [chosen(offered, choice)]) : undefined,
    stop: parallel === false ? [format.callEnd] : [],
  }
}

function readTool(tool: ChatTool, i: number): NonNullable<ChatTool['function']> {
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
  return { name, ...(description !== undefined && { description }), ...(parameters && { parameters }) }
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

/** A call of one of these tools, with sound arguments. */
function formOf(tools: Tooling['offered']): ReplyFormat {
  const calls = tools.map(({ name, parameters = { type: 'object' } }) => ({
    type: 'object',
    properties: { name: { const: name }, arguments: parameters },
    required: ['name', 'arguments'],
    additionalProperties: false,
  }))
  return { type: 'json-schema', schema: calls.length === 1 ? (calls[0] as object) : { anyOf: calls } }
}
