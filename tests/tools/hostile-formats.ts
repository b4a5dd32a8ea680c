/** @file Formats that no reader was written for: keywords with values of any kind, texts that built-ins throw on. */

import fc from 'fast-check'
import { expect } from 'vitest'
import { createFetch } from '../../src/client/openai.ts'
import { createLanguageModel } from '../../src/client/prompt-api.ts'
import type { ReplyFormat } from '../../src/core/protocol.ts'
import { defaultSampling, resolveSampling } from '../../src/sample/options.ts'
import { createGuides } from '../../src/session/guides.ts'
import { rulesOf } from './accepts.ts'
import { noiseTokenizer } from './random-reply.ts'
import { scriptedModel } from './scripted-model.ts'

const odd = [
  ...[
    '',
    '#',
    '#/',
    '%',
    '#/%',
    '#/$defs/%E0%A4',
    '#/$defs/a%2',
    '#/~',
    '\ud800',
    '#/\udfff',
    'http://[',
    'a\0b',
    '1e999',
    '-0',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '(',
    '[',
    '\\',
    '[z-a]',
    '(?<n>a)\\k<n>',
    '\\u{110000}',
    'a{2,1}',
    '\\p{X}',
  ],
  ...[
    'root ::= "\\x"',
    'root ::= [',
    'root ::= constructor',
    '::=',
    'root ::= root',
    '(?:'.repeat(500),
    'root ::= "a"{9999999999999999999}',
  ],
]
const text = fc.oneof(
  fc.constantFrom(...odd),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.stringMatching(/^[-[\](){}|\\^$.*+?a"%#~/]{0,12}$/),
)
const keyword = fc.constantFrom(
  ...[
    'type',
    'enum',
    'const',
    'pattern',
    'format',
    'multipleOf',
    'minLength',
    'maximum',
    'exclusiveMinimum',
    'minItems',
    'properties',
  ],
  ...[
    'required',
    'additionalProperties',
    'propertyNames',
    'items',
    'prefixItems',
    'anyOf',
    'oneOf',
    'allOf',
    '$ref',
    '$defs',
    'not',
  ],
)
const { value } = fc.letrec<{ value: unknown; schema: unknown }>((tie) => ({
  schema: fc.dictionary(fc.oneof({ arbitrary: keyword, weight: 8 }, { arbitrary: text, weight: 1 }), tie('value'), {
    maxKeys: 4,
  }),
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.constantFrom('string', 'number', 'integer', 'object', 'array'),
    fc.double(),
    fc.constantFrom<unknown>(0, 1, -1, 2 ** 53, 1e300, true, false, null, undefined),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('schema'),
    tie('schema'),
  ),
}))
const schema = fc.dictionary(keyword, value, { minKeys: 1, maxKeys: 5 })

/** Formats of every type. */
const hostileFormat: fc.Arbitrary<ReplyFormat> = fc.oneof(
  { arbitrary: schema.map((schema): ReplyFormat => ({ type: 'json-schema', schema })), weight: 3 },
  fc
    .tuple(text, fc.constantFrom('', 'u', 'i', 'iu', 'x', 'v'))
    .map(([pattern, flags]): ReplyFormat => ({ type: 'regex', pattern, flags })),
  text.map((grammar): ReplyFormat => ({ type: 'grammar', grammar })),
)

const { model } = scriptedModel({
  answer({ sampling }) {
    if (sampling.format) rulesOf(sampling.format)
    return 'a'
  },
})
const guides = createGuides({ V: noiseTokenizer.size, eosTokenId: 0, tokenizer: () => noiseTokenizer })
const post = createFetch(model)
const language = createLanguageModel(model)

/** Through each way in, `numRuns` formats are taken or refused, and never by an error of the platform. */
export async function refusesByName(numRuns: number, seed: number): Promise<void> {
  let [taken, refused] = [0, 0]
  const law = fc.asyncProperty(hostileFormat, async (format) => {
    const error = await Promise.resolve()
      .then(() => guides(resolveSampling(defaultSampling, { format })))
      .then(
        () => undefined,
        (error: unknown) => error,
      )
    if (error === undefined) taken += 1
    else {
      expect(error).toMatchObject({ name: 'RwkvError', code: 'option/invalid' })
      refused += 1
    }
    if (format.type === 'json-schema') {
      const json_schema = { name: 'x', schema: format.schema }
      const body = { messages: [{ role: 'user', content: 'a' }], response_format: { type: 'json_schema', json_schema } }
      const { status } = await post('http://x/v1/chat/completions', { method: 'POST', body: JSON.stringify(body) })
      expect([200, 400]).toContain(status)
    }
    const constraint = format.type === 'json-schema' ? format.schema : asRegExp(format)
    if (!constraint) return
    const session = await language.create()
    const name = await session.prompt('a', { responseConstraint: constraint }).then(
      () => 'none',
      (error: unknown) => (error as Error).name,
    )
    expect(['none', 'RwkvError', 'NotSupportedError']).toContain(name)
    session.destroy()
  })
  await fc.assert(law, { numRuns, seed })
  expect(Math.min(taken, refused)).toBeGreaterThan(numRuns / 100)
}

function asRegExp(format: ReplyFormat): RegExp | undefined {
  if (format.type !== 'regex') return undefined
  try {
    return new RegExp(format.pattern, format.flags)
  } catch {
    return undefined // there is none to hand over
  }
}
