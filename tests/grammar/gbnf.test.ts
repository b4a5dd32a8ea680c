import { describe, expect, test } from 'vitest'
import { accepts, rulesOf } from '../tools/accepts.ts'
import { ARITHMETIC, CHESS } from '../tools/grammars.ts'
import { createNoise } from '../tools/random-reply.ts'

const verdicts = (grammar: string, texts: readonly string[]) => {
  const node = rulesOf({ type: 'grammar', grammar })
  return texts.filter((text) => accepts(node, text))
}

/** Arithmetic by the platform's regular expressions: what stands in brackets becomes a number, until there are none. */
function isArithmetic(text: string): boolean {
  const term = '(?:[a-z][a-z0-9_]*|[0-9]+)[ \\t\\n]*'
  const expr = `${term}(?:[-+*/]${term})*`
  let flat = text
  for (let before = ''; before !== flat; ) {
    before = flat
    flat = flat.replace(new RegExp(`\\([ \\t\\n]*${expr}\\)`, 'g'), '0')
  }
  return new RegExp(`^(?:${expr}=[ \\t\\n]*${term}\\n)+$`).test(flat)
}

const MOVE = '(?:(?:[a-h]x)?[a-h][1-8](?:=[NBKQR])?|[NBKQR][a-h]?[1-8]?x?[a-h][1-8]|O-O(?:-O)?)[+#]?'
const isChess = (text: string) =>
  new RegExp(`^1\\. ${MOVE} ${MOVE}\\n(?:[1-9][0-9]?\\. ${MOVE} ${MOVE}\\n)+$`).test(text)

describe('a grammar in GBNF', () => {
  test('arithmetic, with recursion in the middle', () => {
    const good = ['a=1\n', '(a +2 )*x_1 =7\nb=2\n', '((1))= (2-3)\n']
    expect(verdicts(ARITHMETIC, [...good, 'a=1', '(a=1)\n', 'A=1\n', '=1\n'])).toEqual(good)
  })

  test('chess, over several lines', () => {
    const good = ['1. e4 e5\n2. Nf3 Nc6\n', '1. exd5 O-O\n2. O-O-O Qxh7#\n14. e8=Q+ Kd2\n']
    expect(verdicts(CHESS, [...good, '1. e4 e5\n', '2. e4 e5\n3. a1 a1\n'])).toEqual(good)
  })

  test('rules may go on in the next line, and be used before they are defined', () => {
    const grammar = 'root ::=\n  first |\n  "b" ( # a group\n    "c"\n  | "d" )\n  "e"\nfirst ::= "a"'
    expect(verdicts(grammar, ['a', 'bce', 'bde', 'be', 'bc', 'ae'])).toEqual(['a', 'bce', 'bde'])
  })

  test('sets, escapes and counts', () => {
    expect(verdicts('root ::= [^a-c\\]\\x64]', ['a', 'd', ']', 'e', '日', ''])).toEqual(['e', '日'])
    expect(verdicts('root ::= [a\\-z-]', ['a', 'b', '-', 'z'])).toEqual(['a', '-', 'z'])
    expect(verdicts('root ::= "\\u65e5\\U0001F600\\"\\\\\\n\\x41"', ['日😀"\\\nA', '日😀'])).toEqual(['日😀"\\\nA'])
    expect(verdicts('root ::= "a"{2} "b"{1,} "c"{0,2} .', ['aabx', 'aabbcc日', 'abx', 'aax'])).toEqual([
      'aabx',
      'aabbcc日',
    ])
    expect(verdicts('root ::= "a"{,2}', ['', 'aa', 'aaa'])).toEqual(['', 'aa'])
  })

  test('rules may be JSON by a schema: each a document of its own, to which its references lead', () => {
    const letter = { $ref: '#/$defs/one', $defs: { one: { enum: ['a', 'b'] } } }
    const digits = { type: 'array', items: { $ref: '#/$defs/one' }, $defs: { one: { enum: [1, 2] } } }
    const node = rulesOf({
      type: 'grammar',
      grammar: 'root ::= "<" (letter | digits) ">" root?',
      schemas: { letter, digits, unused: {} },
    })
    const good = ['<"a">', '<[1, 2]><"b"><[]>']
    expect([...good, '<a>', '<["a"]>', '<1>', '<"a"'].filter((text) => accepts(node, text))).toEqual(good)
    expect(() => rulesOf({ type: 'grammar', grammar: 'root ::= a\na ::= "a"', schemas: { a: {} } })).toThrow(
      'line 2: the rule a is defined twice',
    )
    expect(() => rulesOf({ type: 'grammar', grammar: 'root ::= a', schemas: { a: { not: {} } } })).toThrow('not')
  })

  test.each([
    ['arithmetic', ARITHMETIC, isArithmetic],
    ['chess', CHESS, isChess],
  ])('what noise says in %s keeps to it, by a judge of its own', async (_, grammar, isSound) => {
    const noise = createNoise()
    const said = new Set<string>()
    for (let seed = 0; seed < 25; seed++) {
      const { summary } = await noise({ format: { type: 'grammar', grammar }, seed, sampling: { maxTokens: 50 } })
      expect(summary.finishReason).toBe('stop')
      expect([summary.text, isSound(summary.text)]).toEqual([summary.text, true])
      said.add(summary.text)
    }
    expect(said.size).toBeGreaterThan(20)
    const changed = [...said].map((text) => `${text.slice(0, 2)}%${text.slice(2)}`)
    expect(changed.filter(isSound)).toEqual([]) // the judge is no yes-man
  })

  test.each([
    ['root ::= other', 'line 1: there is no rule other'],
    ['a ::= "b"', 'there is no rule root'],
    ['root ::= "a"\nroot ::= "b"', 'line 2: the rule root is defined twice'],
    ['root ::= "a"\n  ("b"', 'a group is not closed'],
    ['root ::= "a")', 'a group is closed that was not opened'],
    ['root ::= * "a"', 'found * with nothing in front of it'],
    ['root ::= "a', 'line 1: found "\\"a"'],
    ['root ::= [z-a]', 'counts downward'],
    ['root ::= "a"{3,2}', 'counts downward'],
    ['"a"', 'expected a rule'],
    ['', 'there is no rule root'],
  ])('%j is refused: %s', (grammar, words) => {
    expect(() => rulesOf({ type: 'grammar', grammar })).toThrow(
      expect.objectContaining({ code: 'option/invalid', message: expect.stringContaining(words) }),
    )
  })

  test.each(['root ::= root "a" | "b"', 'root ::= x\nx ::= y* root "c" | "d"\ny ::= "e"'])(
    '%j begins with itself, and is refused',
    async (grammar) => {
      await expect(createNoise()({ format: { type: 'grammar', grammar }, seed: 1 })).rejects.toMatchObject({
        code: 'option/invalid',
        message: expect.stringMatching(/The rule (root|x) begins with itself/),
      })
    },
  )
})
