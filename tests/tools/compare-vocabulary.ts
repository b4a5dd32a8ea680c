/**
 * @file Compares the tokenizer that a GGUF file brings with the vocabulary that it was made of, the real one, which is not
 * part of this repository: `node tests/tools/run-ts.mjs tests/tools/compare-vocabulary.ts [rwkv_vocab_v20230424.txt]`.
 * Tokens are spelled by Python itself, as llama.cpp's converter does; needs python3.
 */

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createByteSource } from '../../src/file/byte-source.ts'
import { openCheckpoint } from '../../src/file/checkpoint.ts'
import { createWorldTokenizer, parseWorldVocabulary, worldVocabularyOf } from '../../src/text/world-tokenizer.ts'
import { buildGguf, list, RWKV7, text } from './gguf-bytes.ts'

const SPELL = `
import ast, json, sys
literals = [" ".join(line.split(" ")[1:-1]) for line in open(sys.argv[1], encoding="utf-8")]
values = [ast.literal_eval(literal) for literal in literals]
print(json.dumps([repr(v.encode("utf-8") if isinstance(v, str) else v)[2:-1] for v in values]))
`
const HEAD = 65_536 // rows of the head, of which those behind the vocabulary are padding
const TEXT = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
const TEXTS = [TEXT, 'Ünïcödé, 日本語 и русский \u{1f600}\u{1f468}\u200d\u{1f469}\n\n\t"\'\\\0', '<s>', '[PAD65530]']

/** @returns 0 if they are the same */
export async function main([path = '../shared/data/rwkv_vocab_v20230424.txt']: readonly string[]): Promise<number> {
  const spelled: string[] = JSON.parse(
    execFileSync('python3', ['-c', SPELL, path], { encoding: 'utf8', maxBuffer: 1e8 }),
  )
  const padding = Array.from({ length: HEAD - 1 - spelled.length }, (_, i) => `[PAD${spelled.length + 1 + i}]`)
  const tokens = ['<s>', ...spelled, ...padding].map((token) => text(token))
  const file = buildGguf([], {
    metadata: [...RWKV7, ['tokenizer.ggml.model', 8, text('rwkv')], ['tokenizer.ggml.tokens', 9, list(8, tokens)]],
  })
  const checkpoint = await openCheckpoint(createByteSource('world.gguf', file))
  const found = worldVocabularyOf(checkpoint.tokens ?? [], checkpoint.file)
  const expected = parseWorldVocabulary(readFileSync(path, 'utf8'), path)
  const others = expected.flatMap((bytes, id) => (found[id] && Buffer.compare(bytes, found[id]) === 0 ? [] : [id]))
  const [one, other] = [createWorldTokenizer(found), createWorldTokenizer(expected)]
  const parted = TEXTS.filter((sample) => one.encode(sample).join() !== other.encode(sample).join())
  console.log(`${expected.length} tokens by the file, ${found.length} by the GGUF made of it; ${others.length} differ.`)
  console.log(`${TEXTS.length} texts, ${one.encode(TEXT).length} ids of the README; ${parted.length} differ.`)
  return found.length === expected.length && others.length === 0 && parted.length === 0 ? 0 : 1
}
