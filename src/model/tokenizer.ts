/**
 * @file The tokenizer that belongs to a model: the one it names, else that in its file, else one that lies beside the weights, else, for World
 * models, the one vocabulary there is, from a pinned address by its hash. Weights run without one, on ids alone.
 */

import { isRwkvError, RwkvError } from '../core/errors.ts'
import { type ByteSource, readText } from '../file/byte-source.ts'
import type { Checkpoint } from '../file/checkpoint.ts'
import type { Folder, RemoteFile } from '../file/folder.ts'
import { createBpeTokenizer, parseBpeVocabulary } from '../text/bpe-tokenizer.ts'
import type { Tokenizer } from '../text/tokenizer.ts'
import { createWorldTokenizer, parseWorldVocabulary, worldVocabularyOf } from '../text/world-tokenizer.ts'
import type { ModelDescription } from './description.ts'

/** The World vocabulary at its source, ChatRWKV's repository. */
export const WORLD_VOCABULARY: RemoteFile = {
  url: 'https://raw.githubusercontent.com/BlinkDL/ChatRWKV/main/tokenizer/rwkv_vocab_v20230424.txt',
  name: 'rwkv_vocab_v20230424.txt',
  byteLength: 1_093_733,
  sha256: 'e6dee3d4e31b4d5c40ac99508ac6c701ceef4bed681bf2167ce9a908552bca89',
}

const HEAD_PADDING = 256 // ids of a head that may lie beyond its vocabulary, such as 65530 … 65535 of World models
const PINNED_TIMEOUT_MS = 20_000

type Kind = 'world' | 'bpe'

/** Which tokenizer models of `V` ids use, where the size tells. */
export function tokenizerOfSize(V: number): Kind | undefined {
  if (V >= 65_529 && V <= 65_536) return 'world'
  return V >= 50_254 && V <= 50_432 ? 'bpe' : undefined
}

const CALLED: Readonly<Record<Kind, string>> = {
  world: 'the RWKV World vocabulary (rwkv_vocab_v20230424.txt)',
  bpe: 'the GPT-NeoX 20B tokenizer (tokenizer.json)',
}

/** What `findTokenizer` takes. */
export interface FindTokenizer {
  readonly folder: Folder
  readonly description: ModelDescription
  readonly V: number
  /** The weights, which may have it in their file. */
  readonly checkpoint: Pick<Checkpoint, 'file' | 'tokens'>
  /** The file the user chose for it. */
  readonly chosen?: ByteSource | undefined
  /** Opens the pinned vocabulary; it must check the hash. */
  readonly openPinned: (file: RemoteFile, signal: AbortSignal) => Promise<ByteSource>
}

/** The tokenizer; or, where there is none, what the user can do about it. */
export type FoundTokenizer =
  | { readonly tokenizer: Tokenizer; readonly missing?: undefined }
  | { readonly tokenizer?: undefined; readonly missing: string }

/**
 * Find, read and check the tokenizer of a model.
 * @throws RwkvError `text/vocabulary` for a damaged file, `model/vocabulary-mismatch` for one of another model, and
 * `file/…` where a file that was named cannot be had. A pinned file that cannot be had is no error but `missing`.
 */
export async function findTokenizer(options: FindTokenizer): Promise<FoundTokenizer> {
  const { folder, description, V, checkpoint, chosen } = options
  const read = async (source: ByteSource, kind?: Kind): Promise<FoundTokenizer> => {
    const text = await readText(source)
    const tokenizer = await createTokenizer(text, source.name, kind ?? kindOf(text, source.name))
    checkFits({ tokenizer, V, file: source.name })
    return { tokenizer }
  }
  if (chosen) return read(chosen)
  const { vocabulary } = description
  if (vocabulary)
    return read(await folder.open(vocabulary.file, description.sha256?.get(vocabulary.file)), vocabulary.kind)

  if (checkpoint.tokens) {
    const { file, tokens } = checkpoint
    const tokenizer = createWorldTokenizer(worldVocabularyOf(tokens, file))
    checkFits({ tokenizer, V, file })
    return { tokenizer }
  }

  const wanted = tokenizerOfSize(V)
  // A server that cannot be listed may refuse in many ways what it does not have.
  const ifAbsent = (error: unknown): undefined => {
    const isAbsent = isRwkvError(error, 'file/not-found') || isRwkvError(error, 'file/not-weights')
    if (!isAbsent && (folder.files || !isRwkvError(error, 'file/network'))) throw error
  }
  for (const name of folder.files ? candidates([...folder.files.keys()], wanted) : usualNames(wanted)) {
    const source = await folder.open(name).catch(ifAbsent)
    const found = source && (await read(source).catch(ifAbsent))
    if (found) return found
  }
  return wanted === 'world' ? openPinned(options, read) : { missing: sayMissing(description.name, V, wanted) }
}

async function openPinned(
  { description, V, openPinned: open }: FindTokenizer,
  read: (source: ByteSource, kind?: Kind) => Promise<FoundTokenizer>,
): Promise<FoundTokenizer> {
  try {
    return await read(await open(WORLD_VOCABULARY, AbortSignal.timeout(PINNED_TIMEOUT_MS)), 'world')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { missing: `${sayMissing(description.name, V, 'world')} (It could not be fetched: ${reason})` }
  }
}

function usualNames(wanted: Kind | undefined): readonly string[] {
  if (wanted === 'world') return [WORLD_VOCABULARY.name]
  return wanted === 'bpe' ? ['tokenizer.json', '20B_tokenizer.json'] : []
}

/** Files of a listed folder that may be the tokenizer, the likeliest first. */
function candidates(files: readonly string[], wanted: Kind | undefined): readonly string[] {
  const world = files.filter((name) => /\.txt$/i.test(name) && /vocab/i.test(name))
  const worldJson = files.filter((name) => /\.json$/i.test(name) && /vocab/i.test(name))
  const bpe = files.filter((name) => /tokenizer[^/]*\.json$/i.test(name) && !/config/i.test(name))
  if (wanted === 'world') return [...world, ...worldJson, ...bpe].slice(0, 1)
  if (wanted === 'bpe') return [...bpe, ...world].slice(0, 1)
  return [...world, ...bpe, ...worldJson].slice(0, 1)
}

/** JSON is a tokenizer.json, but where its first key is an id. */
function kindOf(text: string, name: string): Kind {
  const isJson = /\.json$/i.test(name) || /^\s*\{/.test(text)
  return isJson && !/^\s*\{\s*"\d+"/.test(text) ? 'bpe' : 'world'
}

async function createTokenizer(text: string, file: string, kind: Kind): Promise<Tokenizer> {
  if (kind === 'bpe') return createBpeTokenizer(parseBpeVocabulary(text, file), file)
  return createWorldTokenizer(parseWorldVocabulary(text, file))
}

/** Ids of the head and tokens of the vocabulary must be as many, but for a few ids of padding. */
function checkFits({ tokenizer, V, file }: { tokenizer: Tokenizer; V: number; file: string }): void {
  if (tokenizer.size <= V && V - tokenizer.size < HEAD_PADDING) return
  const wanted = tokenizerOfSize(V)
  throw new RwkvError(
    'model/vocabulary-mismatch',
    `The model has ${V} token ids, ${file} has ${tokenizer.size}: they do not belong together. ${
      wanted ? `A model of ${V} ids uses ${CALLED[wanted]}.` : 'Take the vocabulary that came with the weights.'
    }`,
  )
}

function sayMissing(name: string, V: number, wanted: Kind | undefined): string {
  const which = wanted ? CALLED[wanted] : `a vocabulary of ${V} tokens`
  return `${name} came without its tokenizer: text needs ${which}. Choose that file together with the weights, put it beside them, or pass it as \`vocabulary\`; createState() works with ids alone.`
}
