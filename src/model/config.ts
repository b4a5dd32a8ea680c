/**
 * @file The sizes of a model, from the names and shapes of its tensors alone; and the check that all of them are there.
 * After it the weight loader can take every tensor for granted.
 */

import { type ErrorCode, RwkvError } from '../core/errors.ts'
import type { ModelConfig } from '../core/protocol.ts'
import type { TensorSpec } from '../core/tensor-spec.ts'
import type { Checkpoint, TensorEntry, UnreadableTensor } from '../file/checkpoint.ts'
import { refuseAltered } from './altered.ts'
import { officialTensors } from './names.ts'
import { unturn } from './turned.ts'
import { findVersion, type ModelVersion } from './version.ts'

/** A checkpoint that is a model. */
export interface InferredModel<V extends ModelVersion = ModelVersion> {
  readonly version: V
  readonly config: ModelConfig
  /** Official name -> entry, of the tensors the model needs and no others, in the order of the version's `tensors`. */
  readonly tensors: ReadonlyMap<string, TensorEntry>
}

/**
 * Which of `versions` a checkpoint is, and its sizes: L = highest block + 1, (V, C) = shape of emb, F = rows of the first
 * ffn.key, and what the version adds. Every tensor of the version must then be there, readable and of its shape; matrices
 * exactly, vectors also with axes of length 1 (the official files store time_mix as (1, 1, C)). Other tensors are ignored.
 * C and F must be multiples of 8, since kernels work on tiles of 8 rows (every known trainer makes multiples of 32).
 * @throws RwkvError `model/unsupported-version`, `model/mixed-versions`, `model/unmerged`, `model/missing-tensor`,
 * `model/layer-gap`, `model/tensor-shape`, `file/unsupported`, `file/dtype`, `file/duplicate-name`; each names the tensor,
 * what was found and what was expected.
 */
export function inferConfig<Known extends ModelVersion>(
  checkpoint: Checkpoint,
  versions: readonly Known[],
): InferredModel<Known> {
  const official = officialTensors(checkpoint)
  const shapes = new Map(Array.from(official.all, ([name, { shape }]) => [name, shape]))
  const version = findVersion({ file: checkpoint.file, shapes, versions })
  const file: Named = { name: checkpoint.file, version: version.version }
  refuseAltered(checkpoint.file, official.all)
  const { readable, all } = version.lowRank ? unturn(file.name, official, version.lowRank) : official

  const [V, C] = matrixShape(all, file, 'emb.weight')
  const L = countLayers(all.keys(), file)
  const [F] = matrixShape(all, file, 'blocks.0.ffn.key.weight')
  checkMultipleOf8(file, C, 'C, the columns of emb.weight')
  checkMultipleOf8(file, F, 'F, the rows of blocks.0.ffn.key.weight')
  const isNormed = all.get('emb.weight')?.isNormed && !all.has('blocks.0.ln0.weight')
  const config = version.config(
    { L, C, F, V, ...(isNormed && { hasNormedEmbedding: true }) },
    (name) => find(all, file, name).shape,
    (name) => all.has(name),
  )
  const tensors = new Map<string, TensorEntry>()
  for (const spec of version.tensors(config)) {
    const found = find(all, file, spec.name)
    checkShape(file, found, spec)
    const tensor = readable.get(spec.name)
    if (!tensor) throw fail('file/dtype', file, `tensor ${found.name} is ${found.dtype}; expected F32, F16 or BF16`)
    tensors.set(spec.name, tensor)
  }
  return { version, config, tensors }
}

type Tensors = ReadonlyMap<string, UnreadableTensor>

/** The file and what it was found to be, for messages. */
interface Named {
  readonly name: string
  readonly version: ModelConfig['version']
}

function fail(code: ErrorCode, { name, version }: Named, found: string): RwkvError {
  return new RwkvError(code, `${name}: ${found}. Take a complete RWKV-${version} model.`)
}

function find(tensors: Tensors, file: Named, name: string): UnreadableTensor {
  const tensor = tensors.get(name)
  if (tensor) return tensor
  const [example] = tensors.keys()
  const has = example === undefined ? 'no tensors' : `${tensors.size} tensors, such as ${example.slice(0, 80)}`
  throw fail('model/missing-tensor', file, `tensor ${name} is missing; the file has ${has}`)
}

/** Rows and columns of a matrix from which sizes are read. */
function matrixShape(tensors: Tensors, file: Named, name: string): readonly [rows: number, columns: number] {
  const { shape } = find(tensors, file, name)
  const [rows = 0, columns = 0] = shape
  if (shape.length === 2 && rows > 0 && columns > 0) return [rows, columns]
  throw fail(
    'model/tensor-shape',
    file,
    `tensor ${name} has shape (${shape.join(', ')}); expected a matrix that is not empty`,
  )
}

/** L, where blocks 0 … L-1 are all there. */
function countLayers(names: Iterable<string>, file: Named): number {
  const blocks = new Set<number>()
  for (const name of names) {
    const index = /^blocks\.(0|[1-9]\d*)\./.exec(name)?.[1]
    if (index !== undefined) blocks.add(Number(index))
  }
  let L = 0
  while (blocks.has(L)) L++
  if (L === 0 && blocks.size === 0)
    throw fail('model/missing-tensor', file, 'it has no blocks.0; expected at least one layer')
  if (L === blocks.size) return L
  let highest = 0
  for (const block of blocks) highest = Math.max(highest, block)
  throw fail(
    'model/layer-gap',
    file,
    `layer ${L} is missing; expected every layer from 0 to ${highest}, the highest there is`,
  )
}

function checkMultipleOf8(file: Named, size: number, what: string): void {
  if (size % 8 === 0) return
  throw new RwkvError(
    'model/tensor-shape',
    `${file.name}: ${what}, is ${size}; expected a multiple of 8, as in every released model. Train or pad it to such a size.`,
  )
}

function checkShape(file: Named, { name, shape }: UnreadableTensor, spec: TensorSpec): void {
  const [found, expected] = [shape, spec.shape].map((sizes) => (spec.kind === 'vector' ? withoutOnes(sizes) : sizes))
  if (found?.join() === expected?.join()) return
  throw fail(
    'model/tensor-shape',
    file,
    `tensor ${name} has shape (${shape.join(', ')}); expected (${spec.shape.join(', ')}) by emb.weight and blocks.0.ffn.key.weight`,
  )
}

const withoutOnes = (shape: readonly number[]) => shape.filter((size) => size !== 1)
