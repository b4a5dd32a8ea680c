/**
 * @file `npm run masks [-- VOCABULARY]`: what the mask of a token costs at V = 65,536, with a World vocabulary file, or one
 * of that size that is made up. Of replies of noise in several formats, after a round of all of them to warm up: all
 * masks, and those that had to be found anew. Each round begins with no mask: a format has few, and 95 % of few says
 * nothing.
 */

import { readFileSync } from 'node:fs'
import type { ReplyFormat } from '../../src/core/protocol.ts'
import { finish } from '../../src/core/slices.ts'
import type { TokenMask } from '../../src/grammar/guide.ts'
import { sortTokens } from '../../src/grammar/tokens.ts'
import { createWorldTokenizer, parseWorldVocabulary } from '../../src/text/world-tokenizer.ts'
import { formatOf, rulesOf } from '../tools/accepts.ts'
import { cpuMs } from '../tools/cpu-time.ts'
import { vocabularyText } from '../tools/vocabulary-text.ts'

const V = 65_536
const ROUNDS = 10
const REPLIES = 10 // of a round
const TOKENS = 200

const form = {
  properties: {
    name: { type: 'string', maxLength: 60 },
    kind: { enum: ['cat', 'dog'] },
    age: { type: 'integer', minimum: 0, maximum: 120 },
    more: {},
  },
  required: ['name', 'kind', 'age', 'more'],
}
const formats: ReplyFormat[] = [
  { type: 'json' },
  { type: 'json-schema', schema: form },
  { type: 'json-schema', schema: { type: 'string', maxLength: 5000 } }, // the worst: each place has a mask of its own
  { type: 'regex', pattern: '(?:\\w+ ){3,50}[^x]*' },
  { type: 'grammar', grammar: 'root ::= ("(" root ")" | [a-z]+ " ")+' },
]

/** Prints a line for each format. */
export async function main([file]: readonly string[]): Promise<number> {
  const tokenizer = createWorldTokenizer(
    parseWorldVocabulary(file ? readFileSync(file, 'utf8') : madeUpVocabulary(), file ?? ''),
  )
  const tokens = sortTokens(V, (id) => tokenizer.bytesOf(id))
  for (const format of formats) measure(format, 0)
  console.log('masks at V = 65,536, CPU ms    all: 50 %    95 %   anew: 50 %    95 %  of')
  for (const format of formats) {
    const rounds = Array.from({ length: ROUNDS }, (_, round) => measure(format, round + 1))
    const [all, anew] = [rounds.flatMap(({ all }) => all), rounds.flatMap(({ anew }) => anew)]
    const [name, column] = [JSON.stringify(format).slice(0, 28), (ms: number) => ms.toFixed(3).padStart(8)]
    console.log(
      `${name.padEnd(32)} ${column(at(all, 0.5))}${column(at(all, 0.95))}     ${column(at(anew, 0.5))}${column(at(anew, 0.95))} ${anew.length}`,
    )
  }
  return 0

  function measure(written: ReplyFormat, seed: number): { all: number[]; anew: number[] } {
    const format = formatOf(rulesOf(written), tokens, 0)
    const all: number[] = []
    const anew: number[] = []
    const seen = new WeakSet<TokenMask>()
    let random = seed + 1
    for (let reply = 0; reply < REPLIES; reply++) {
      const guide = format.start()
      for (let left = TOKENS; left > 0 && !guide.isOver; left--) {
        const before = cpuMs()
        const mask = finish(guide.mask(left))
        const ms = cpuMs() - before
        all.push(ms)
        if (!seen.has(mask)) anew.push(ms)
        seen.add(mask)
        const { bits } = mask
        random = (random * 16_807) % 2_147_483_647
        let id = random % V // the next that is allowed from there on
        while (((bits[id >>> 5] ?? 0) & (1 << (id & 31))) === 0) id = (id + 1) % V
        if (id === 0) break
        guide.accept(id)
      }
    }
    return { all, anew }
  }
}

const at = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN

/** Words of syllables and of characters in two and three bytes, with and without a space, as many as there are ids. */
export function madeUpVocabulary(): string {
  const words = new Set<string>()
  const syllables = [
    'ba',
    'ke',
    'ti',
    'no',
    'lu',
    'ser',
    'and',
    'ing',
    'x',
    '12',
    '{"',
    '":',
    ', ',
    'é',
    'ж',
    '日',
    '語',
    '한',
  ]
  for (let i = 0; words.size < V - 258; i++) {
    let word = i % 2 === 0 ? '' : ' '
    for (let rest = i + 40; rest > 0; rest = Math.floor(rest / syllables.length))
      word += syllables[rest % syllables.length]
    words.add(word)
  }
  return vocabularyText([...words])
}
