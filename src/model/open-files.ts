/**
 * @file From a folder of files to the weights, the sizes and the description of a model: which file is what, by its name,
 * whatever place the folder is. Reads descriptions and tables of tensors, no weights.
 */

import { isRwkvError, type ModelChoice, RwkvError } from '../core/errors.ts'
import { type ByteSource, readText } from '../file/byte-source.ts'
import { type Checkpoint, openCheckpoint } from '../file/checkpoint.ts'
import type { Folder } from '../file/folder.ts'
import { joinCheckpoints, parseShardIndex, shardsBeside } from '../file/shards.ts'
import { refuseAdapterBeside } from './altered.ts'
import { type InferredModel, inferConfig } from './config.ts'
import { type ModelDescription, parseDescription } from './description.ts'
import { describeWeights } from './family.ts'
import type { ModelVersion } from './version.ts'

/** A model's files, opened. */
export interface ModelFiles<V extends ModelVersion> extends InferredModel<V> {
  readonly description: ModelDescription
  /** Of the description, for the user: what in it is a guess. */
  readonly warnings: readonly string[]
  readonly checkpoint: Checkpoint
  /** The files of the weights, in the order of the checkpoint; the caller disposes them. */
  readonly sources: readonly ByteSource[]
}

/** Names a place may be asked for that cannot be listed, best first. */
const USUAL_WEIGHTS = [
  'model.safetensors',
  'model.safetensors.index.json',
  'pytorch_model.bin',
  'pytorch_model.bin.index.json',
] as const

const DESCRIPTION = 'model.json'

/**
 * Open the weights `file` of a folder, or what the folder says its weights are: a model of one of `versions`.
 * @throws RwkvError `file/…`, `model/…`
 */
export async function openModelFiles<V extends ModelVersion>(
  folder: Folder,
  versions: readonly V[],
  file?: string,
): Promise<ModelFiles<V>> {
  const description = file === undefined ? await readDescription(folder, versions) : undefined
  const weights = description?.weights ?? (await findWeights(folder, file))
  const sources: ByteSource[] = []
  try {
    const checkpoint = await openWeights({ folder, weights, description, sources })
    const inferred = inferConfig(checkpoint, versions)
    if (description) return { description, warnings: [], checkpoint, sources, ...inferred }
    const { families } = inferred.version
    const place = { folder: folder.name, file: nameOf(folder, weights) }
    const described = describeWeights({ ...place, V: inferred.config.V, families })
    return { ...described, checkpoint, sources, ...inferred }
  } catch (error) {
    for (const source of sources) source.dispose?.()
    throw error
  }
}

async function findWeights(folder: Folder, file: string | undefined): Promise<readonly string[]> {
  if (file !== undefined) return shardsBeside(file)
  return folder.files ? chooseWeights(folder, folder.files) : probeWeights(folder)
}

async function readDescription(
  folder: Folder,
  versions: readonly ModelVersion[],
): Promise<ModelDescription | undefined> {
  if (folder.files && !folder.files.has(DESCRIPTION)) return undefined
  const text = await absent(async () => readText(await folder.open(DESCRIPTION)))
  if (text === undefined) return undefined
  const file = folder.files ? DESCRIPTION : `${folder.name}${DESCRIPTION}`
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new RwkvError('model/description', `${file} is not JSON: ${String(cause)}. Expected a model description.`, {
      cause,
    })
  }
  return parseDescription(json, file, versions)
}

/** The result of `work`, or undefined where the file is not there (some servers answer with a page). */
async function absent<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (isRwkvError(error, 'file/not-found') || isRwkvError(error, 'file/not-weights')) return undefined
    throw error
  }
}

const WEIGHTS = ['.safetensors', '.st', '.pth', '.gguf', '.bin', '.pt', '.ckpt'] // the likelier a model, the further in front

/**
 * The weights among the files of a listed folder: an index, or the one file there is, or shards of one model.
 * @throws RwkvError `file/not-found` if there are none; `model/several` with all of them, for none is the likelier
 */
function chooseWeights({ name: folder, addressOf }: Folder, sizes: ReadonlyMap<string, number>): readonly string[] {
  const files = [...sizes.keys()]
  refuseAdapterBeside(files, folder)
  const usual = USUAL_WEIGHTS.find((name) => sizes.has(name))
  if (usual) return [usual]
  const index = files.filter((name) => /\.(safetensors|bin)\.index\.json$/.test(name))
  if (index.length === 1) return index
  const found = WEIGHTS.flatMap((extension) => files.filter((name) => name.toLowerCase().endsWith(extension)))
  const only = found.length === 0 && files.length === 1 ? files : found
  if (only.length === 0) {
    throw new RwkvError(
      'file/not-found',
      `${folder} holds no weights (found: ${sayFiles(files)}); expected a .safetensors, .st, .pth or .gguf file. Choose the weights of an RWKV model.`,
    )
  }
  const models = new Map(only.map((name) => [shardsBeside(name)[0], shardsBeside(name)]))
  const [first = [], ...others] = models.values()
  if (others.length === 0 || isOneModel([...models.keys()])) return first
  throw severalModels(folder, [...models.values()], { sizes, addressOf })
}

/** Whether the names are those of one model in several formats. */
function isOneModel(names: readonly (string | undefined)[]): boolean {
  return new Set(names.map((name) => name?.replace(/\.\w+$/, ''))).size === 1
}

function severalModels(
  folder: string,
  models: readonly (readonly string[])[],
  { sizes, addressOf }: { sizes: ReadonlyMap<string, number>; addressOf: Folder['addressOf'] },
): RwkvError {
  const choices = models
    .map((files): ModelChoice => {
      const [name = ''] = files
      const byteLength = files.reduce((sum, file) => sum + (sizes.get(file) ?? 0), 0)
      return { name, byteLength, files, ...(addressOf && { source: addressOf(name) }) }
    })
    .sort((a, b) => a.byteLength - b.byteLength)
  const listed = sayFiles(choices.map(({ name, byteLength }) => `${name} (${(byteLength / 1e6).toFixed(1)} MB)`))
  return new RwkvError(
    'model/several',
    `${folder} holds several models: ${listed}. Choose one, by the address of its file.`,
    { choices },
  )
}

function sayFiles(files: readonly string[]): string {
  const shown = files.slice(0, 12).join(', ')
  return files.length > 12 ? `${shown} and ${files.length - 12} more` : shown || 'nothing'
}

/** Ask a folder that cannot be listed for the usual names. */
async function probeWeights(folder: Folder): Promise<readonly string[]> {
  for (const name of USUAL_WEIGHTS) {
    const found = await absent(() => folder.open(name))
    found?.dispose?.()
    if (found) return [name]
  }
  throw new RwkvError(
    'file/not-found',
    `${folder.name} has neither ${DESCRIPTION} nor ${USUAL_WEIGHTS.join(' nor ')}. Check the address, or give that of the weights file itself.`,
  )
}

/** What to call a model without a description. */
function nameOf(folder: Folder, weights: readonly string[]): string {
  const [first = folder.name] = weights
  const isUsual = (USUAL_WEIGHTS as readonly string[]).includes(first)
  return isUsual && folder.name.includes('/') ? (folder.name.replace(/\/$/, '').split('/').at(-1) ?? first) : first
}

interface OpenWeights {
  readonly folder: Folder
  readonly weights: readonly string[]
  readonly description: ModelDescription | undefined
  /** Gets what is opened, in order. */
  readonly sources: ByteSource[]
}

async function openWeights({ folder, weights, description, sources }: OpenWeights): Promise<Checkpoint> {
  const [first = ''] = weights
  const open = async (name: string): Promise<Checkpoint> => {
    const source = await folder.open(name, description?.sha256?.get(name)).catch((cause: unknown) => {
      const isShard = index !== undefined || weights.length > 1
      if (!isShard || !isRwkvError(cause, 'file/not-found')) throw cause
      const message = `A shard of the model is missing: ${name}, without which the others are no model. ${cause.message}`
      throw new RwkvError('file/not-found', message, { cause })
    })
    sources.push(source)
    return openCheckpoint(source, { index: parts.length, count: names.size, first: parts[0] })
  }
  const isIndex = first.endsWith('.index.json')
  const index = isIndex ? parseShardIndex(await readText(await folder.open(first)), first) : undefined
  const parts: Checkpoint[] = []
  const names = new Set(index ? index.values() : weights)
  for (const name of names) parts.push(await open(name))
  const [only] = parts
  return only && weights.length === 1 && !index ? only : joinCheckpoints(description?.name ?? first, parts, index)
}
