/**
 * @file The weights of a model in the memory of a backend, and their way there: tensor by tensor in the order of the file, in
 * slices, so that a load never holds more than a few MiB of a model in JavaScript.
 */

import type { ModelConfig } from '../core/protocol.ts'
import { matrixSize, type TensorSpec } from '../core/tensor-spec.ts'
import { hasLevels, isQuantized, rowByteLength } from '../core/weight-layout.ts'
import type { Checkpoint, TensorEntry } from '../file/checkpoint.ts'
import type { StackedRows } from '../kernels/matrix.ts'
import type { WeightCodec } from '../kernels/weight-codec.ts'
import { encodeWeights, type Room } from '../model/prepare.ts'
import { planned, type WeightPlan } from '../model/weight-plan.ts'
import type { Derived } from '../store/derived.ts'
import type { Architecture, Inspect } from './architecture.ts'
import { addColumns } from './column-sums.ts'
import type { WeightTable } from './layer-memory.ts'

/** Where weights can be kept: `V` and `M` are what a backend gives for vectors and matrices. */
export interface WeightMemory<V, M extends MatrixShape> {
  /** f32 (rows, C), zeroed. */
  createVectors(label: string, length: number): V
  /** Zeroed. */
  createMatrix(of: MatrixShape & { readonly label: string; readonly stacked: readonly StackedRows[] }): M
  /** Put f32s into vectors, from the number at `place` on. */
  writeVector(vectors: V, place: number, values: Float32Array<ArrayBuffer>): void
  /** What a row of it is to be encoded in. */
  codecAt(matrix: M, row: number): WeightCodec
  /** Put whole rows into a matrix, encoded in their codec, from `row` on; they may be overwritten after that. */
  writeRows(matrix: M, row: number, encoded: Uint8Array): void
  /** @throws RwkvError if it is gone. */
  check(): void
  /** Resolves when it has taken what was written. */
  settle(): Promise<void>
}

/** What of a matrix is known everywhere. */
export interface MatrixShape {
  readonly columns: number
}

/** All weights; `Layer` are those of a layer, of the version's own type. They go with their memory. */
export interface Weights<Layer, V, M> {
  readonly emb: M //     (V, C)
  readonly ln0: V //     (2, C)
  readonly layers: readonly Layer[]
  readonly lnOut: V //   (2, C)
  readonly head: M //    (V, C)
}

/** Weights that are allocated; they can be bound while they are filled, and not used before. */
export interface EmptyWeights<Layer, V, M> extends Weights<Layer, V, M> {
  readonly fill: Fill
}

/**
 * Fills weights from the file, once.
 * @throws RwkvError `model/not-finite` for a NaN or infinite weight, `file/…`; the signal's reason if aborted.
 */
export type Fill = (options: FillWeights) => Promise<FilledWeights>

/** What is learned of the weights on their way. */
export interface FilledWeights {
  /** SHA-256, in hex, of the vectors as f32 in the order of their names: tells models apart. */
  readonly fingerprint: string
  readonly inspect: Inspect
}

/** Where a tensor of the file goes: rows of a matrix, or a row of f32 vectors, perhaps mapped. */
type Destination<V, M> = MatrixRows<M> | VectorRow<V>

interface MatrixRows<M> {
  readonly matrix: M
  readonly row: number
}

interface VectorRow<V> {
  readonly vectors: V
  readonly C: number
  readonly row: number
  readonly map?: (value: number) => number
}

const SLICE_BYTES = 2 * 1024 * 1024 // of the file, twice as much where 16 bits become f32
const FLUSH_BYTES = 64 * 1024 * 1024 // written before the memory is given time to take them

/** What `createWeights` takes. `layer`: the version's weights for one of its layers. */
export interface CreateWeights<Layer, V, M> {
  readonly architecture: Pick<Architecture, 'tensors' | 'inspector'>
  readonly config: ModelConfig
  readonly plan: WeightPlan
  /** Official tensor name -> entry of the checkpoint. */
  readonly tensors: ReadonlyMap<string, TensorEntry>
  readonly layer: (table: WeightTable<V, M>, config: ModelConfig, layer: number) => Layer
}

/** What `fill` takes. */
export interface FillWeights {
  /** With the tensors that the weights were made for. */
  readonly checkpoint: Checkpoint
  /** Where the quantised matrices are kept, one after another in the order of the file, or are to be kept. */
  readonly derived?: Derived | undefined
  readonly signal?: AbortSignal | undefined
  /** Bytes of the file read so far. */
  readonly onProgress: (loaded: number) => void
}

/** Allocate the weights of a model. */
export function createWeights<Layer, V, M extends MatrixShape>(
  memory: WeightMemory<V, M>,
  { architecture, config, plan, tensors, layer }: CreateWeights<Layer, V, M>,
): EmptyWeights<Layer, V, M> {
  const specs = new Map(Array.from(architecture.tensors(config), (spec) => [spec.name, spec]))
  const { weights, destinations } = allocate(memory, { config, plan, layer })
  return {
    ...weights,
    async fill({ checkpoint, derived, signal, onProgress }) {
      const inFileOrder = Array.from(specs.values(), (spec) => ({
        spec,
        tensor: require(tensors, spec.name),
        destination: require(destinations, spec.name),
      })).sort((a, b) => a.tensor.offset - b.tensor.offset)
      const vectors = new Map<string, Float32Array<ArrayBuffer>>()
      const sums = new Map<string, Float32Array>()
      const room = createRoom()
      let loaded = 0
      let derivedAt = 0
      let unsettled = 0
      for (const { spec, tensor, destination } of inFileOrder) {
        const sliceBytes = sliceLength(tensor, spec)
        for (let at = 0; at < tensor.byteLength; at += sliceBytes) {
          signal?.throwIfAborted()
          memory.check()
          const byteLength = Math.min(sliceBytes, tensor.byteLength - at)
          const read = async () => {
            const bytes = await checkpoint.read(tensor, at, byteLength)
            if (spec.isSummed) {
              const values = floatsOf(encodeWeights(bytes, { dtype: tensor.dtype, codec: 'f32', name: tensor.name }))
              addColumns(sums, { spec, values, isTurned: mustTurn(spec, tensor) })
            }
            return bytes
          }
          if ('vectors' in destination)
            vectors.set(spec.name, writeVector(memory, { tensor, destination, bytes: await read() }))
          else {
            const slice = { spec, tensor, destination, at, byteLength, read, derived, derivedAt, room }
            derivedAt += await writeRows(memory, slice)
          }
          loaded += byteLength
          unsettled += byteLength
          onProgress(loaded)
          if (unsettled >= FLUSH_BYTES) {
            await memory.settle()
            unsettled = 0
          }
        }
      }
      return { fingerprint: await fingerprint(vectors), inspect: architecture.inspector(config, vectors, sums) }
    },
  }
}

/** The file was checked to have all tensors, and a version says where each of its own goes. */
function require<T>(all: ReadonlyMap<string, T>, name: string): T {
  const found = all.get(name)
  if (!found) throw new RangeError(`no tensor ${name}`)
  return found
}

/** Whether the elements of a matrix lie the other way round than in memory. */
const mustTurn = (spec: TensorSpec, tensor: TensorEntry): boolean =>
  (spec.isTransposed ?? false) !== (tensor.isTurned ?? false)

/** Whole rows of a matrix, at most SLICE_BYTES of the file but at least one row; what must be turned, and vectors, at once. */
function sliceLength(tensor: TensorEntry, spec: TensorSpec): number {
  if (spec.kind === 'vector' || mustTurn(spec, tensor)) return tensor.byteLength
  const [rows] = matrixSize(spec)
  const rowBytes = tensor.byteLength / rows
  return Math.max(1, Math.floor(SLICE_BYTES / rowBytes)) * rowBytes
}

/** A slice of a matrix, and how to read it. */
interface Slice<M> {
  readonly spec: TensorSpec
  readonly tensor: TensorEntry
  readonly destination: MatrixRows<M>
  readonly at: number
  readonly byteLength: number
  readonly read: () => Promise<Uint8Array>
  readonly derived: Derived | undefined
  readonly derivedAt: number
  /** For rows that are passed on at once. */
  readonly room: Room
}

/** Write rows, quantised before or now; how many bytes of what is derived they take. */
async function writeRows<V, M extends MatrixShape>(
  memory: WeightMemory<V, M>,
  { spec, tensor, destination, at, byteLength, read, room, ...from }: Slice<M>,
): Promise<number> {
  const { matrix, row } = destination
  const { columns } = matrix
  const codec = memory.codecAt(matrix, row)
  const derived = isQuantized(codec) && spec.name !== 'emb.weight' ? from.derived : undefined
  const [allRows] = matrixSize(spec)
  const rowBytes = tensor.byteLength / allRows
  const held = tensor.held?.format === codec && !mustTurn(spec, tensor) ? tensor.held : undefined
  const [first, count] = [at / rowBytes, byteLength / rowBytes]
  const encoded = derived?.source
    ? await derived.source.read(from.derivedAt, count * rowByteLength(codec, columns))
    : held
      ? await held.read(first, count)
      : encodeRows(await read(), { spec, tensor, codec, columns, room })
  memory.writeRows(matrix, row + first, encoded)
  if (derived && !derived.source) await derived.append(encoded)
  return derived ? encoded.byteLength : 0
}

/** Rows in the matrix's codec: as they are stored, or turned and wider. */
function encodeRows(
  bytes: Uint8Array,
  {
    spec,
    tensor,
    codec,
    columns,
    room,
  }: Pick<Slice<never>, 'spec' | 'tensor' | 'room'> & MatrixShape & { readonly codec: WeightCodec },
): Uint8Array<ArrayBuffer> {
  const { dtype, name } = tensor
  if (hasLevels(codec)) throw new RangeError(`${name} is no block of GGUF; only these can be ${codec}`)
  const [rows, width] = matrixSize(spec)
  if (!mustTurn(spec, tensor)) return encodeWeights(bytes, { dtype, codec, name, columns, room })
  const values = floatsOf(encodeWeights(bytes, { dtype, codec: 'f32', name }))
  const turned = new Float32Array(rows * columns)
  const height = spec.shape.length === 3 ? rows / (spec.shape[0] as number) : rows // of each of several
  for (let first = 0; first < rows; first += height)
    for (let i = 0; i < height; i++)
      for (let j = 0; j < width; j++)
        turned[(first + i) * columns + j] = values[first * width + j * height + i] as number
  return encodeWeights(new Uint8Array(turned.buffer), { dtype: 'F32', codec, name, columns })
}

/** Memory that is used again and again: fresh memory costs as much as what is written to it. */
function createRoom(): Room {
  let room = new Float32Array(0)
  return (length) => {
    if (room.length < length) room = new Float32Array(length)
    return room.subarray(0, length)
  }
}

const floatsOf = ({ buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>) =>
  new Float32Array(buffer, byteOffset, byteLength / 4)

/** Write a vector, a number a head for each of its channels; its values as f32, as the file has them. */
function writeVector<V, M extends MatrixShape>(
  memory: WeightMemory<V, M>,
  { tensor, destination, bytes }: { tensor: TensorEntry; destination: VectorRow<V>; bytes: Uint8Array },
): Float32Array<ArrayBuffer> {
  const { dtype, name } = tensor
  const { vectors, C, row, map = (value) => value } = destination
  const values = floatsOf(encodeWeights(bytes, { dtype, codec: 'f32', name }).slice())
  const each = C / values.length
  const own = Float32Array.from({ length: C }, (_, c) => {
    const value = values[Math.floor(c / each)] as number
    return map(tensor.isLogarithm ? Math.exp(value) : value)
  })
  memory.writeVector(vectors, row * C, own)
  return values
}

async function fingerprint(vectors: ReadonlyMap<string, Float32Array<ArrayBuffer>>): Promise<string> {
  const inOrder = [...vectors].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, values]) => values)
  const digest = await crypto.subtle.digest('SHA-256', await new Blob(inOrder).arrayBuffer())
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Allocate everything and note which tensor goes where; in the order of the data. */
function allocate<Layer, V, M extends MatrixShape>(
  memory: WeightMemory<V, M>,
  { config, plan, layer }: Pick<CreateWeights<Layer, V, M>, 'config' | 'layer' | 'plan'>,
) {
  const { L, C, V } = config
  const destinations = new Map<string, Destination<V, M>>()
  const table: WeightTable<V, M> = {
    vectors(label, names) {
      const vectors = memory.createVectors(label, names.length * C)
      names.forEach((entry, row) => {
        if (entry === undefined) return
        const [name, map] = typeof entry === 'string' ? [entry] : entry
        destinations.set(name, { vectors, C, row, ...(map && { map }) })
      })
      return vectors
    },
    matrix(label, columns, stacked) {
      const rows = stacked.map(([name, count]) => ({ codec: planned(plan, { name }), rows: count }))
      const created = memory.createMatrix({ label, columns, stacked: rows })
      let row = 0
      for (const [name, count] of stacked) {
        destinations.set(name, { matrix: created, row })
        row += count
      }
      return created
    },
  }
  const weights: Weights<Layer, V, M> = {
    emb: table.matrix('emb', C, [['emb.weight', V]]),
    ln0: table.vectors('ln0', ['blocks.0.ln0.weight', 'blocks.0.ln0.bias']),
    layers: Array.from({ length: L }, (_, index) => layer(table, config, index)),
    lnOut: table.vectors('lnOut', ['ln_out.weight', 'ln_out.bias']),
    head: table.matrix('head', C, [['head.weight', V]]),
  }
  return { weights, destinations }
}
