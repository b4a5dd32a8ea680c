/**
 * @file `model.json`, a model's description of itself: which files it is made of, how a chat is written and how it likes
 * to be sampled. Written by people, so every error names the field, what was found and what was expected.
 */

import { RwkvError } from '../core/errors.ts'
import type { FillInFormat, PromptFormat, SamplingOptions, ThinkFormat, ToolFormat } from '../core/protocol.ts'
import type { ModelVersion } from './version.ts'

/** A model as its `model.json` describes it. File names are relative to it. */
export interface ModelDescription {
  readonly name: string
  /** One file, or shards in order. */
  readonly weights: readonly string[]
  /** `parseDescription` requires it; only weights that come without a description have none. */
  readonly vocabulary?: { readonly file: string; readonly kind: 'world' | 'bpe' }
  /** Fed once at the start of a session. */
  readonly bosTokenId?: number
  /** Ends a text. */
  readonly eosTokenId: number
  readonly promptFormat: PromptFormat
  /** The model's own defaults; names and types are checked here, ranges by `sample/options.ts`. */
  readonly sampling: Partial<SamplingOptions>
  readonly license: string
  /** Where the model comes from, for people. */
  readonly source?: string
  /** File name -> SHA-256, 64 lower-case hexadecimal digits. */
  readonly sha256?: ReadonlyMap<string, string>
}

/** Options that a description may set. */
type NumericOption = {
  [name in keyof SamplingOptions]-?: NonNullable<SamplingOptions[name]> extends number ? name : never
}[keyof SamplingOptions]

/** Names in the file -> names in the API, and which of them are whole numbers. */
const SAMPLING: ReadonlyMap<string, { readonly name: NumericOption; readonly isInteger?: true }> = new Map([
  ['temperature', { name: 'temperature' }],
  ['top_p', { name: 'topP' }],
  ['top_k', { name: 'topK', isInteger: true }],
  ['presence_penalty', { name: 'presencePenalty' }],
  ['frequency_penalty', { name: 'frequencyPenalty' }],
  ['penalty_decay', { name: 'penaltyDecay' }],
  ['min_p', { name: 'minP' }],
  ['max_tokens', { name: 'maxTokens', isInteger: true }],
  ['min_tokens', { name: 'minTokens', isInteger: true }],
  ['seed', { name: 'seed', isInteger: true }],
])

const EXEMPT = 'frequency_exempt'

/**
 * Check a parsed `model.json`. Unknown fields are ignored, so that later versions may add some, except inside `sampling`,
 * where a misspelt name would silently change every reply. Optional fields may be null. `sampling` may be left out.
 * @param file its name, for messages.
 * @throws RwkvError `model/description`; `model/unsupported-version` for an architecture that is not among `versions`.
 */
export function parseDescription(
  json: unknown,
  file: string,
  versions: readonly Pick<ModelVersion, 'version'>[],
): ModelDescription {
  const root = objectIn({ value: json, path: '', file })
  const name = root.text('name')
  const architecture = root.text('architecture')
  const known = versions.map(({ version }) => `rwkv-${version}`)
  if (!known.includes(architecture)) {
    const [expected, take] = [known.map(show).join(' or '), known.join(' or ').toUpperCase()]
    throw new RwkvError(
      'model/unsupported-version',
      `${file}: architecture is ${show(architecture)}; expected ${expected}, which this release runs. Take an ${take} model.`,
    )
  }
  const vocabulary = root.object('vocabulary')
  const kind = vocabulary.text('kind')
  if (kind !== 'world' && kind !== 'bpe') throw vocabulary.fail('kind', '"world" or "bpe"')
  const bosTokenId = root.optional('bos_token_id', root.tokenId)
  const source = root.optional('source', root.text)
  const sha256 = root.optional('sha256', (key) => parseHashes(root.object(key)))
  return {
    name,
    weights: parseWeights(root),
    vocabulary: { file: vocabulary.fileName('file'), kind },
    ...(bosTokenId !== undefined && { bosTokenId }),
    eosTokenId: root.tokenId('eos_token_id'),
    promptFormat: parsePromptFormat(root.object('prompt_format')),
    sampling: root.optional('sampling', (key) => parseSampling(root.object(key))) ?? {},
    license: root.text('license'),
    ...(source !== undefined && { source }),
    ...(sha256 && { sha256 }),
  }
}

function parseWeights(root: Fields): readonly string[] {
  const value = root.get('weights')
  if (typeof value === 'string') return [root.fileName('weights')]
  const shards = root.texts('weights', 'a file name or a list of them')
  if (shards.length === 0 || !shards.every(isInside)) throw root.fail('weights', `${INSIDE}, or a list of such`)
  if (new Set(shards).size !== shards.length) throw root.fail('weights', 'each file once')
  return shards
}

function parsePromptFormat(format: Fields): PromptFormat {
  const stop = format.texts('stop', 'a list of texts, none of them empty')
  if (stop.includes('')) throw format.fail('stop', 'a list of texts, none of them empty')
  const opener = format.optional('opener', format.text)
  const system = format.optional('system', (key) => format.around(key, '{text}'))
  const think = format.optional('think', (key) => parseThinkFormat(format.object(key)))
  const tools = format.optional('tools', (key) => parseToolFormat(format.object(key)))
  const fillIn = format.optional('fill_in', (key) => parseFillInFormat(format.object(key)))
  return {
    user: format.around('user', '{text}'),
    assistant: format.text('assistant', { mayBeEmpty: true }),
    end: format.text('end', { mayBeEmpty: true }),
    stop,
    ...(opener !== undefined && { opener }),
    ...(system !== undefined && { system }),
    ...(think && { think }),
    ...(tools && { tools }),
    ...(fillIn && { fillIn }),
  }
}

function parseThinkFormat(format: Fields): ThinkFormat {
  const [skip, open] = [format.text('skip'), format.text('open')]
  const [on, aBit, aLot] = ['on', 'a_bit', 'a_lot'].map((key) => format.text(key, { mayBeEmpty: true }))
  return { skip, open, close: format.text('close'), on, aBit, aLot } as ThinkFormat
}

function parseToolFormat(format: Fields): ToolFormat {
  const style = format.optional('style', format.text)
  if (style !== undefined && style !== 'json' && style !== 'signatures')
    throw format.fail('style', '"json" or "signatures"')
  const between = format.optional('between', (key) => format.text(key, { mayBeEmpty: true }))
  return {
    present: format.around('present', '{tools}'),
    ...(style && { style }),
    callStart: format.text('call_start'),
    callEnd: format.text('call_end'),
    ...(between !== undefined && { between }),
    result: format.around('result', '{text}'),
  }
}

function parseFillInFormat(format: Fields): FillInFormat {
  return { text: format.around('text', '{prefix}', '{suffix}'), stop: format.text('stop') }
}

function parseSampling(fields: Fields): Partial<SamplingOptions> {
  const sampling: { -readonly [name in NumericOption]?: number } & { frequencyExempt?: readonly string[] } = {}
  for (const key of fields.keys) {
    if (key === EXEMPT) {
      sampling.frequencyExempt = fields.texts(key, 'a list of texts')
      continue
    }
    const option = SAMPLING.get(key)
    if (!option) throw fields.fail(key, `one of ${[...SAMPLING.keys(), EXEMPT].join(', ')}`, 'is not a sampling option')
    const value = fields.get(key)
    const isFitting = option.isInteger ? Number.isSafeInteger(value) : Number.isFinite(value)
    if (typeof value !== 'number' || !isFitting)
      throw fields.fail(key, option.isInteger ? 'a whole number' : 'a number')
    sampling[option.name] = value
  }
  return sampling
}

function parseHashes(fields: Fields): ReadonlyMap<string, string> {
  const hashes = new Map<string, string>()
  for (const key of fields.keys) {
    const hash = fields.get(key)
    if (typeof hash !== 'string' || !/^[0-9a-f]{64}$/i.test(hash)) throw fields.fail(key, '64 hexadecimal digits')
    hashes.set(key, hash.toLowerCase())
  }
  return hashes
}

/** Typed access to the own fields of an object. */
interface Fields {
  readonly keys: readonly string[]
  readonly get: (key: string) => unknown
  readonly fail: (key: string, expected: string, found?: string) => RwkvError
  readonly object: (key: string) => Fields
  readonly text: (key: string, options?: { readonly mayBeEmpty: true }) => string
  readonly texts: (key: string, expected: string) => readonly string[]
  /** A text with all of `slots` in it. */
  readonly around: (key: string, ...slots: readonly string[]) => string
  readonly fileName: (key: string) => string
  readonly tokenId: (key: string) => number
  /** `read(key)`, or undefined where the field is missing or null. */
  readonly optional: <T>(key: string, read: (key: string) => T) => T | undefined
}

function objectIn({ value, path, file }: { value: unknown; path: string; file: string }): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw failure({ file, field: path || 'the description', found: `is ${show(value)}`, expected: 'an object' })
  }
  const record: object = value
  const at = (key: string): string => (path ? `${path}.${key}` : key)
  const fields: Fields = {
    keys: Object.keys(record),
    get: (key) => (Object.hasOwn(record, key) ? (record as Readonly<Record<string, unknown>>)[key] : undefined),
    fail: (key, expected, found = `is ${show(fields.get(key))}`) => failure({ file, field: at(key), found, expected }),
    object: (key) => objectIn({ value: fields.get(key), path: at(key), file }),
    text(key, options) {
      const text = fields.get(key)
      if (typeof text === 'string' && (text !== '' || options?.mayBeEmpty)) return text
      throw fields.fail(key, options?.mayBeEmpty ? 'a text' : 'a text that is not empty')
    },
    texts(key, expected) {
      const list = fields.get(key)
      if (Array.isArray(list) && list.every((item): item is string => typeof item === 'string')) return list
      throw fields.fail(key, expected)
    },
    around(key, ...slots) {
      const text = fields.text(key)
      if (slots.every((slot) => text.includes(slot))) return text
      throw fields.fail(key, `a text with ${slots.join(' and ')} in it`)
    },
    fileName(key) {
      const name = fields.text(key)
      if (isInside(name)) return name
      throw fields.fail(key, INSIDE)
    },
    tokenId(key) {
      const id = fields.get(key)
      if (typeof id === 'number' && Number.isSafeInteger(id) && id >= 0) return id
      throw fields.fail(key, 'a token id, a whole number from 0')
    },
    optional: (key, read) => (fields.get(key) === undefined || fields.get(key) === null ? undefined : read(key)),
  }
  return fields
}

const INSIDE = 'the name of a file in the folder of the description'

/** A relative path that stays in its folder: a description must not make the page ask other hosts. */
function isInside(name: string): boolean {
  return name !== '' && !/^[/\\]|^[a-z][a-z0-9+.-]*:|\\|(^|\/)\.\.(\/|$)|[?#]/i.test(name)
}

function failure({ file, field, found, expected }: Record<'file' | 'field' | 'found' | 'expected', string>): RwkvError {
  return new RwkvError(
    'model/description',
    `${file}: ${field} ${found}; expected ${expected}. Correct the description.`,
  )
}

function show(value: unknown): string {
  if (value === undefined) return 'missing'
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}
