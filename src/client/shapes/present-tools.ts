/** @file Tools as a model is told of them, in the style that it was taught. */

import { isObject } from '../../core/kinds.ts'
import type { ToolFormat } from '../../core/protocol.ts'

/** A tool. Plain JSON. */
export interface OfferedTool {
  readonly name: string
  readonly description?: string
  /** A JSON Schema of its arguments. */
  readonly parameters?: object
}

/** What is read of `tools`. */
export function presentTools({ present, style = 'json' }: ToolFormat, tools: readonly OfferedTool[]): string {
  const isTold = tools.some(({ description }) => description !== undefined)
  const written =
    style === 'json' ? tools.map((tool) => JSON.stringify(tool)) : isTold ? listOf(tools) : tools.map(signatureOf)
  return present.replaceAll('{tools}', () => written.join('\n'))
}

/** A list of JSON, a line a tool. */
function listOf(tools: readonly OfferedTool[]): string[] {
  const lines = tools.map(({ name, description, parameters }) =>
    JSON.stringify({ name, description, arguments: (parameters as Schema | undefined)?.properties ?? {} }),
  )
  return ['[', lines.join(',\n'), ']']
}

/** What is looked at of a JSON Schema. */
interface Schema {
  readonly type?: unknown
  readonly enum?: unknown
  readonly const?: unknown
  readonly anyOf?: unknown
  readonly oneOf?: unknown
  readonly items?: unknown
  readonly properties?: unknown
  readonly required?: unknown
}

const signatureOf = ({ name, parameters = {} }: OfferedTool) => `- ${nameOf(name)}(${membersOf(parameters)})`

const nameOf = (name: string) => (/^[\w.$-]+$/.test(name) ? name : JSON.stringify(name))

/** Members of an object with their types; those that may be left out have a question mark. */
function membersOf({ properties, required }: Schema): string {
  if (!isObject(properties)) return ''
  const isNeeded = (name: string) => Array.isArray(required) && required.includes(name)
  return Object.entries(properties)
    .map(([name, schema]) => `${nameOf(name)}${isNeeded(name) ? '' : '?'}: ${typeOf(schema)}`)
    .join(', ')
}

/** A type as TypeScript writes it, as far as a schema tells it in a few words. */
function typeOf(given: unknown): string {
  if (!isObject(given)) return 'any'
  const schema: Schema = given
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (Array.isArray(schema.enum)) return eitherOf(schema.enum.map((value) => JSON.stringify(value)))
  const choices = schema.anyOf ?? schema.oneOf
  if (Array.isArray(choices)) return eitherOf(choices.map(typeOf))
  const { type } = schema
  if (Array.isArray(type)) return eitherOf(type.map((one) => typeOf({ ...schema, type: one })))
  if (type === 'array') {
    const item = typeOf(schema.items)
    return item.includes(' | ') ? `(${item})[]` : `${item}[]`
  }
  if (type === 'object' && isObject(schema.properties)) return `{${membersOf(schema)}}`
  return typeof type === 'string' ? type : 'any'
}

const eitherOf = (types: readonly string[]) => [...new Set(types)].join(' | ')
