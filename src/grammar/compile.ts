/** @file The way in, imported when a format is asked for: from the option, as users write it, to rules. */

import type { ReplyFormat } from '../core/protocol.ts'
import type { Meter, Sliced } from '../core/slices.ts'
import { parseGbnf } from './gbnf.ts'
import { writeJson } from './json.ts'
import type { Schema } from './json-schema.ts'
import type { Node } from './node.ts'
import { readRegex } from './regex.ts'

export { meterOfFormat } from './cost.ts'
export { createFormat } from './guide.ts'
export { sortInSlices } from './tokens.ts'

/**
 * The rules of a format, of plain JSON.
 * @throws RwkvError `option/invalid` naming what cannot be kept to
 */
export function* compileFormat(format: ReplyFormat, meter: Meter): Sliced<Node> {
  if (format.type === 'json') return yield* writeJson({ type: 'object' }, meter)
  if (format.type === 'json-schema') return yield* writeJson(format.schema as Schema, meter)
  if (format.type === 'grammar') {
    const known = new Map<string, Node>()
    for (const [name, schema] of Object.entries(format.schemas ?? {}))
      known.set(name, yield* writeJson(schema as Schema, meter))
    return yield* parseGbnf(format.grammar, meter, known)
  }
  const { pattern, flags = 'u' } = format
  return yield* readRegex(pattern, meter, { flags })
}
