/** @file The format of a reply that may call tools: text, and calls whose arguments keep to the schemas of the tools. */

import { overlap } from '../../core/overlap.ts'
import type { ReplyFormat } from '../../core/protocol.ts'
import type { OfferedTool } from '../shapes/present-tools.ts'
import type { Marks } from './tool-calls.ts'

/** What `callFormat` takes. */
export interface Calls {
  readonly marks: Marks
  /** At least one. */
  readonly tools: readonly OfferedTool[]
  /** Whether the reply is one call, and no text. */
  readonly isForced: boolean
  /** Whether the mark in front of that call has been said. */
  readonly isBegun: boolean
  /** Whether text and more calls may stand behind a call. */
  readonly goesOn: boolean
}

/** A grammar. The parameters of each tool are a document of their own, so that references within them lead somewhere. */
export function callFormat({ marks, tools, isForced, isBegun, goesOn }: Calls): ReplyFormat {
  const start = isBegun ? '' : `space ${quoted(marks.start)} `
  const rules = [
    `root ::= ${isForced ? `${start}call` : 'text-0'}`,
    `call ::= space (${tools.map((_, i) => `call-${i}`).join(' | ')}) space ${quoted(marks.end)}${goesOn ? ' text-0' : ''}`,
    `space ::= [ ${escaped('\n')}]?`,
    ...tools.map(
      ({ name }, i) =>
        `call-${i} ::= ${quoted('{"name":')} " "? ${quoted(JSON.stringify(name))} "," " "? ${quoted('"arguments":')} " "? arguments-${i} "}"`,
    ),
    ...(isForced ? [] : textRules(marks.start)),
  ]
  const schemas = tools.map(({ parameters = {} }, i) => [
    `arguments-${i}`,
    Object.keys(parameters).length === 0 ? { type: 'object' } : parameters,
  ])
  return { type: 'grammar', grammar: rules.join('\n'), schemas: Object.fromEntries(schemas) }
}

/** Any text without `mark`, behind which a call must stand: a rule for each beginning of it that the text may end with. */
function textRules(mark: string): string[] {
  const characters = Array.from(mark)
  const known = [...new Set(characters)]
  const others = `[^${known.map(escaped).join('')}] text-0`
  return characters.map((_, count) => {
    const begun = characters.slice(0, count).join('')
    const next = known.map((character) => {
      const text = begun + character
      const still = Array.from(mark.slice(0, overlap(text, mark)))
      return `[${escaped(character)}] ${text === mark ? 'call' : `text-${still.length}`}`
    })
    return `text-${count} ::= "" | ${[...next, others].join(' | ')}`
  })
}

/** As grammars write a character, in texts and in sets. */
const escaped = (character: string) =>
  /\w/.test(character) ? character : `\\U${(character.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`

const quoted = (text: string) => `"${Array.from(text, escaped).join('')}"`
