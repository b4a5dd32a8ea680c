/** @file Random regular expressions. */

import fc from 'fast-check'

const bounds = fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,}', '{0,2}', '*?', '+?', '{1,2}?')

/** Patterns of alternatives of `atom`s, repeated or not and in groups; with empty alternatives among them or without. */
export function patternsOf(atom: fc.Arbitrary<string>, { minLength = 0 } = {}): fc.Arbitrary<string> {
  return fc.letrec<{ pattern: string; part: string }>((tie) => ({
    part: fc.oneof(
      { maxDepth: 2 },
      { arbitrary: atom, weight: 5 },
      {
        arbitrary: fc.tuple(fc.constantFrom('(', '(?:'), tie('pattern')).map(([open, inner]) => `${open}${inner})`),
        weight: 1,
      },
    ),
    pattern: fc
      .array(fc.array(fc.tuple(tie('part'), bounds), { minLength, maxLength: 3 }), { minLength: 1, maxLength: 2 })
      .map((all) => all.map((parts) => parts.flat().join('')).join('|')),
  })).pattern
}
