/** @file The tokenizers' part of a set: needs the real vocabularies, which are not in this repository. */

import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { createBpeTokenizer, parseBpeVocabulary } from '../../src/text/bpe-tokenizer.ts'
import { bytesOfAll, type Tokenizer } from '../../src/text/tokenizer.ts'
import { createWorldTokenizer, parseWorldVocabulary } from '../../src/text/world-tokenizer.ts'
import type { ConformanceSet } from '../tools/golden.ts'
import type { Verdict } from './compare.ts'

/** What a tokenizer made of its cases. */
export interface TextResults {
  readonly encode: number[][]
  /** Bytes in hexadecimal. */
  readonly decode: string[]
}

/** Results by the names that FORMAT.md gives them. */
export interface AllTextResults {
  readonly world?: TextResults
  readonly bpe20b?: TextResults
}

/** Where the vocabularies are. */
export interface TextFiles {
  readonly worldVocab?: string | undefined
  readonly tokenizerJson?: string | undefined
}

const hexOf = (tokenizer: Tokenizer, ids: readonly number[]): string =>
  Buffer.from(bytesOfAll(tokenizer, ids)).toString('hex')

/** Run the cases the set has; those whose vocabulary is not given are left out. */
export async function runText({ world, bpe20b }: ConformanceSet, files: TextFiles): Promise<AllTextResults> {
  const read = async (file: string) => [await readFile(file, 'utf8'), basename(file)] as const
  const results: { world?: TextResults; bpe20b?: TextResults } = {}
  if (world && files.worldVocab) {
    const tokenizer = createWorldTokenizer(parseWorldVocabulary(...(await read(files.worldVocab))))
    results.world = {
      encode: world.encode.map(({ text }) => tokenizer.encode(text)),
      decode: world.decode.map(({ ids }) => hexOf(tokenizer, ids)),
    }
  }
  if (bpe20b && files.tokenizerJson) {
    const [text, name] = await read(files.tokenizerJson)
    const tokenizer = await createBpeTokenizer(parseBpeVocabulary(text, name), name)
    results.bpe20b = {
      encode: bpe20b.encode.map(({ text }) => tokenizer.encode(text)),
      decode: bpe20b.encode.map(({ ids }) => hexOf(tokenizer, ids)),
    }
  }
  return results
}

/** Judge them: every id and every byte must be the same. */
export function compareText({ world, bpe20b }: ConformanceSet, results: AllTextResults): Verdict[] {
  const judge = (
    name: string,
    got: TextResults,
    encode: readonly (readonly number[])[],
    decode: readonly string[],
  ): Verdict => {
    const misses = [
      ...encode.flatMap((ids, i) => (String(got.encode[i]) === String(ids) ? [] : [`encode ${i}: ${got.encode[i]}`])),
      ...decode.flatMap((hex, i) => (got.decode[i] === hex ? [] : [`decode ${i}: ${got.decode[i]}`])),
    ]
    return { name, ratio: misses.length > 0 ? Infinity : 0, misses }
  }
  const verdicts: Verdict[] = []
  if (world && results.world) {
    const decode = world.decode.map(({ bytes_hex }) => bytes_hex)
    verdicts.push(
      judge(
        'tokenizer-world',
        results.world,
        world.encode.map(({ ids }) => ids),
        decode,
      ),
    )
  }
  if (bpe20b && results.bpe20b) {
    const decode = bpe20b.encode.map(({ decoded_hex }) => decoded_hex)
    verdicts.push(
      judge(
        'tokenizer-20b',
        results.bpe20b,
        bpe20b.encode.map(({ ids }) => ids),
        decode,
      ),
    )
  }
  return verdicts
}
