/**
 * @file The syntax of GBNF beside llama.cpp's reader (`src/llama-grammar.cpp`, read at commit 04332939): what both read in
 * the same way, what each of them refuses, and where we differ on purpose, with the reason.
 */

import { describe, expect, test } from 'vitest'
import { accepts, rulesOf } from '../tools/accepts.ts'

/** What is allowed and what is not, or words of the refusal. */
type Meaning = { readonly is: readonly string[]; readonly not?: readonly string[] } | string

function check(grammar: string, meaning: Meaning): void {
  if (typeof meaning === 'string') {
    const refusal = { code: 'option/invalid', message: expect.stringContaining(meaning) }
    expect(() => rulesOf({ type: 'grammar', grammar })).toThrow(expect.objectContaining(refusal))
    return
  }
  const { is, not = [] } = meaning
  const node = rulesOf({ type: 'grammar', grammar })
  expect([...is, ...not].filter((text) => accepts(node, text))).toEqual(is)
}

describe('both read the same in', () => {
  test.each<[grammar: string, meaning: Meaning]>([
    // Escapes, and code points that may be zero.
    ['root ::= [^"\\\\\\x7F\\x00-\\x1F]', { is: ['a', '\x80'], not: ['"', '\\', '\x7f', '\0', '\x1f', '\n'] }],
    ['root ::= [\\x00]', { is: ['\0'], not: ['\ufffd', ''] }],
    ['root ::= [\\u0000-\\U00000001]', { is: ['\0', '\x01'], not: ['\x02', '\ufffd'] }],
    ['root ::= [^\\U00000000]', { is: ['a', '\ufffd'], not: ['\0'] }],
    ['root ::= "\\x00\\u0000\\U00000000"', { is: ['\0\0\0'], not: ['\ufffd\ufffd\ufffd'] }],
    ['root ::= "\0" [\0-\\x02]', { is: ['\0\0', '\0\x02'], not: ['\0\x03'] }],
    ['root ::= "\\t\\r\\n\\\\\\"\\[\\]\\-"', { is: ['\t\r\n\\"[]-'] }],
    ['root ::= [\\t\\r\\n\\\\\\"\\[\\]\\-]', { is: ['\t', '\r', '\n', '\\', '"', '[', ']', '-'], not: ['t', 'r'] }],
    ['root ::= "\\u65e5\\U0001F600\\xe9"', { is: ['日😀é'] }],
    // Sets.
    ['root ::= [a-c-e]', { is: ['a', 'b', '-', 'e'], not: ['d'] }],
    ['root ::= [-a]', { is: ['-', 'a'] }],
    ['root ::= [a-]', { is: ['-', 'a'] }],
    ['root ::= [--0]', { is: ['-', '.', '0'], not: ['1', ','] }],
    ['root ::= [a\\-z]', { is: ['a', '-', 'z'], not: ['b'] }],
    ['root ::= [a-\\]]', 'counts downward'],
    ['root ::= [[^]', { is: ['[', '^'] }],
    ['root ::= [\\[-\\]]', { is: ['[', '\\', ']'] }],
    ['root ::= .', { is: ['a', '\n', '😀'], not: ['', 'ab'] }],
    // Counts, with spaces wherever they may stand.
    ['root ::= "a"{2}', { is: ['aa'], not: ['a', 'aaa'] }],
    ['root ::= "a" { 1 , 2 } "b" {0,}', { is: ['a', 'aab', 'abb'], not: ['b', 'aaa'] }],
    ['root ::= "a"{0} "b"', { is: ['b'], not: ['ab'] }],
    ['root ::= "a"+? "b"', { is: ['b', 'aab'] }],
    ['root ::= "ab"*', { is: ['', 'abab'], not: ['abb'] }],
    // Rules, line ends and comments.
    ['root ::= a-1 2b\na-1 ::= "x"\n2b ::= "y"', { is: ['xy'] }],
    ['root ::=\n  "a" |\n  "b"', { is: ['a', 'b'] }],
    ['root ::= (\n  "a"\n  | "b"\n)', { is: ['a', 'b'] }],
    ['root ::= | "a"', { is: ['', 'a'] }],
    ['root ::= "a" |', { is: ['', 'a'] }],
    ['root ::=', { is: [''], not: ['a'] }],
    ['root ::= () "a" ("b" | )', { is: ['a', 'ab'] }],
    ['root ::= "" "a"', { is: ['a'] }],
    ['# first\r\nroot ::= x # second\rx ::= "a"\r\n# last', { is: ['a'] }],
    ['root ::= "a\nb" [\n]', { is: ['a\nb\n'], not: ['a\nb '] }],
    ['root ::= "a\r\nb"', { is: ['a\r\nb'], not: ['a\nb'] }],
    ['root ::= "#" # "x"', { is: ['#'] }],
    ['x ::= "a"\nroot ::= x', { is: ['a'] }],
    ['root ::= constructor toString\nconstructor ::= "a"\ntoString ::= "b"', { is: ['ab'] }],
    ['root ::= valueOf*\nvalueOf ::= hasOwnProperty\nhasOwnProperty ::= "a"', { is: ['', 'aa'] }],
  ])('%j', check)
})

describe('both refuse', () => {
  test.each<[grammar: string, words: string]>([
    ['root ::= [\\d]{4}', 'line 1: there is no escape \\d; write [0-9]'],
    ['root ::=\n  "a"\n  "\\d"', 'line 3: there is no escape \\d; write [0-9]'],
    ['root ::= "a\n\n\\w"', 'line 3: there is no escape \\w; write [0-9A-Za-z_]'],
    ['root ::= [^\\S]', 'no escape \\S; write [^ \\t\\r\\n]'],
    ['root ::= [\\^a]', 'no escape \\^; write ^'],
    ['root ::= "\\/"', 'no escape \\/; write /'],
    ['root ::= "\\0"', 'no escape \\0; write \\x00'],
    ['root ::= "\\X41"', 'no escape \\X; write X'],
    ['root ::= "\\x4"', 'no escape \\x; write \\x and two hexadecimal digits'],
    ['root ::= [\\u12g4]', 'no escape \\u; write \\u and four'],
    ['root ::= "\\U0001F60"', 'no escape \\U; write \\U and eight'],
    ['root ::= "a', 'line 1: found "\\"a"'],
    ['root ::= [a', 'line 1: found "[a"'],
    ['root ::= "a"{}', 'found "{}"'],
    ['root ::= "a"{b}', 'found "{b}"'],
    ['root ::= ("a"', 'a group is not closed'],
    ['root ::= "a")', 'closed that was not opened'],
    ['root ::= * "a"', 'nothing in front of it'],
    ['root ::= ? "a"', 'nothing in front of it'],
    ['root ::= "a" | {2}', 'nothing in front of it'],
    ['root ::= x', 'there is no rule x'],
    ['root ::= "a"\nx ::= y', 'line 2: there is no rule y'],
    ['toString ::= "a"', 'there is no rule root'],
    ['root ::= constructor', 'there is no rule constructor'],
    ['', 'there is no rule root'],
    ['::= "a"', 'found "::= \\"a\\""'],
    ['root := "a"', 'found root, expected a rule'],
  ])('%j', check)
})

describe('on purpose we differ in', () => {
  test.each<[grammar: string, theirs: string, why: string, ours: Meaning]>([
    ['root ::= a_b\na_b ::= "x"', 'an error', 'other readers of GBNF know the underscore', { is: ['x'] }],
    ['root ::= "a"{,2}', 'an error', 'there is one thing that it can mean', { is: ['', 'aa'], not: ['aaa'] }],
    ['root ::= "a"\n  | "b"', 'an error', 'a rule ends where the next begins', { is: ['a', 'b'] }],
    ['root ::= x "b" x ::= "a"', 'an error', 'a rule ends where the next begins', { is: ['ab'] }],
    ['root ::= \n x ::= "a"', 'an error', 'a rule ends where the next begins', { is: [''] }],
    ['\ufeffroot\u00a0::= "a"', 'an error', 'spaces of every kind come with what is copied', { is: ['a'] }],
    ['root ::= ""*', 'an error', 'nothing, repeated, is nothing', { is: [''] }],
    ['root ::= "\\ud83d\\ude00"', 'what never matches', 'the two halves are one character', { is: ['😀'] }],
    ['root ::= [\\ud83d\\ude00-\\ud83d\\ude02]', 'what never matches', 'as in texts', { is: ['😁'], not: ['\ufffd'] }],
    [
      'root ::= "a"{3000}',
      'an error',
      'a count costs nothing here',
      { is: ['a'.repeat(3000)], not: ['a'.repeat(2999)] },
    ],
    ['root ::= "a"{0,3000}', 'any number', 'it says how many', { is: ['', 'a'.repeat(3000)], not: ['a'.repeat(3001)] }],
    ['root ::= "\\ud83d"', 'what never matches', 'half of a character cannot be written', 'half of a surrogate pair'],
    ['root ::= "\\U00110000"', 'what never matches', 'it is no character', '\\U00110000 is no character'],
    ['root ::= [a-\\UFFFFFFFF]', 'all behind a', 'it is no character', '\\UFFFFFFFF is no character'],
    ['root ::= []', 'an empty text', 'it reads as a set of nothing', 'found [], which holds no character'],
    [
      'root ::= [^]',
      'an empty text',
      'it reads as a set of everything',
      'found [^], which holds no character; any is .',
    ],
    ['root ::= [z-a]', 'what never matches', 'it is a slip', 'found [z-a], which counts downward'],
    ['root ::= "a"{3,2}', 'a count that wraps around', 'it is a slip', 'found {3,2}, which counts downward'],
    [
      'root ::= "a"\nroot ::= "b"',
      'the last one',
      'one of the two is a slip',
      'line 2: the rule root is defined twice',
    ],
    ['root ::= <think>', 'a token', 'ids belong to one vocabulary', 'tokens cannot be named here, write their text'],
    ['root ::= !<[1]>', 'any other token', 'ids belong to one vocabulary', 'tokens cannot be named here'],
    [`root ::= ${'('.repeat(300)}"a"${')'.repeat(300)}`, 'the text', 'depth has an end', 'lie more than 200 deep'],
  ])('%j, where llama.cpp reads %s: %s', (grammar, _theirs, _why, ours) => check(grammar, ours))
})
