/** @file The way in, imported when a format is asked for: from the option, as users write it, to rules. */

import type { ReplyFormat } from '../core/protocol.ts'
import { parseGbnf } from './gbnf.ts'
import { writeJson } from './json.ts'
import type { Schema } from './json-schema.ts'
import type { Node } from './node.ts'
import { parseRegex } from './regex.ts'

export { createFormat } from './guide.ts'
export { sortTokens } from './tokens.ts'

/**
 * The rules of a format.
 * @throws RwkvError `option/invalid` naming what cannot be kept to
 */
export function compileFormat(format: ReplyFormat): Node {
  if (format.type === 'json') return writeJson({ type: 'object' })
  if (format.type === 'json-schema') return writeJson(format.schema as Schema)
  if (format.type === 'grammar') return parseGbnf(format.grammar)
  const { pattern, flags = 'u' } = format
  return parseRegex(pattern, { flags })
}
