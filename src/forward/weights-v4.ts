/**
 * @file The weights of RWKV-4 in GPU memory, and their way there: tensor by tensor in the order of the file, in slices,
 * so that a load never holds more than a few MiB of a model in JavaScript.
 */

import { createOwner, type Owned, type Owner } from '../core/dispose.ts'
import { RwkvError } from '../core/errors.ts'
import type { ModelConfig } from '../core/protocol.ts'
import { isQuantized, rowByteLength } from '../core/weight-layout.ts'
import type { Checkpoint, TensorEntry } from '../file/checkpoint.ts'
import type { Derived } from '../file/derived.ts'
import { type Buffer, createBuffer } from '../gpu/buffer.ts'
import type { Gpu } from '../gpu/device.ts'
import { nudged } from '../gpu/nudge.ts'
import { createMatrix, type Matrix, writeRows } from '../kernels/matrix.ts'
import type { WeightCodec } from '../kernels/weight-codec.ts'
import { encodeWeights, matrixFormat } from '../model/prepare.ts'

/** Weights of one layer. Vectors are f32. */
export interface LayerV4 {
  readonly timeMix: {
    readonly normMix: Buffer //             (5, C)    ln1 scale, ln1 bias, mix_k, mix_v, mix_r
    readonly keyValueReceptance: Matrix //  (3C, C)   three matrices, one above the other
    readonly time: Buffer //                (2, C)    u = time_first, w = -exp(time_decay)
    readonly output: Matrix //              (C, C)
  }
  readonly channelMix: {
    readonly normMix: Buffer //             (4, C)    ln2 scale, ln2 bias, mix_k, mix_r
    readonly keyReceptance: Matrix //       (F + C, C)
    readonly value: Matrix //               (C, F)
  }
}

/** All weights. The creator disposes them. */
export interface WeightsV4 extends Owned {
  readonly emb: Matrix //     (V, C)
  readonly ln0: Buffer //     (2, C)
  readonly layer: (index: number) => LayerV4
  readonly lnOut: Buffer //   (2, C)
  readonly head: Matrix //    (V, C)
}

/** Weights that are allocated; they can be bound while they are filled, and not used before. */
export interface EmptyWeightsV4 extends WeightsV4 {
  /**
   * Fill them from the file, once.
   * @throws RwkvError `model/not-finite` for a NaN or infinite weight, `file/…`; the signal's reason if aborted.
   */
  fill(options: FillV4): Promise<FilledV4>
}

/** What is learned of the weights on their way. */
export interface FilledV4 {
  /** f32 (C) for each of L layers, on the CPU: w = -exp(time_decay). */
  readonly timeDecay: readonly Float32Array[]
  /** SHA-256, in hex, of the vectors as f32 in the order of their names: tells models apart. */
  readonly fingerprint: string
}

/** Where a tensor of the file goes: rows of a matrix, or a row of a buffer of f32 vectors, perhaps transformed. */
type Destination = MatrixRows | VectorRow

interface MatrixRows {
  readonly matrix: Matrix
  readonly row: number
}

interface VectorRow {
  readonly vectors: Buffer
  readonly row: number
  readonly transform?: (value: number) => number
}

const SLICE_BYTES = 4 * 1024 * 1024
const FLUSH_BYTES = 64 * 1024 * 1024 // handed to the GPU before it is given time to take them

/** What `createWeightsV4` takes. */
export interface CreateWeightsV4 {
  readonly config: ModelConfig
  readonly codec: WeightCodec
  /** Official tensor name -> entry of the checkpoint. */
  readonly tensors: ReadonlyMap<string, TensorEntry>
}

/** What `fill` takes. */
export interface FillV4 {
  /** With the tensors that the weights were made for. */
  readonly checkpoint: Checkpoint
  /** Where the quantised matrices are kept, one after another in the order of the file, or are to be kept. */
  readonly derived?: Derived | undefined
  readonly signal?: AbortSignal | undefined
  /** Bytes of the file read so far. */
  readonly onProgress: (loaded: number) => void
}

/**
 * Allocate the weights of a model.
 * @throws RwkvError `gpu/out-of-memory`; nothing stays allocated.
 */
export async function createWeightsV4(gpu: Gpu, { config, codec, tensors }: CreateWeightsV4): Promise<EmptyWeightsV4> {
  const owner = createOwner()
  const codecOf = (name: string) => matrixFormat(codec, { name, dtype: require(tensors, name).dtype })
  const { weights, destinations } = await gpu
    .scoped('the weights of the model', () => allocate(gpu, { owner, config, codecOf }))
    .catch((error: unknown) => {
      owner.dispose()
      throw error
    })
  return {
    ...weights,
    dispose: () => owner.dispose(),
    async fill({ checkpoint, derived, signal, onProgress }) {
      const inFileOrder = [...destinations]
        .map(([name, destination]) => ({ name, tensor: require(tensors, name), destination }))
        .sort((a, b) => a.tensor.offset - b.tensor.offset)
      const vectors = new Map<string, Uint8Array<ArrayBuffer>>() // as f32, for the fingerprint
      let loaded = 0
      let derivedAt = 0
      let unflushed = 0
      for (const { name, tensor, destination } of inFileOrder) {
        const sliceBytes = sliceLength(tensor, destination)
        for (let at = 0; at < tensor.byteLength; at += sliceBytes) {
          signal?.throwIfAborted()
          gpu.check()
          const byteLength = Math.min(sliceBytes, tensor.byteLength - at)
          const read = () => checkpoint.read(tensor, at, byteLength)
          if ('vectors' in destination)
            vectors.set(name, uploadVector(gpu, { tensor, destination, bytes: await read() }))
          else derivedAt += await uploadRows(gpu, { tensor, destination, at, byteLength, read, derived, derivedAt })
          loaded += byteLength
          unflushed += byteLength
          onProgress(loaded)
          if (unflushed >= FLUSH_BYTES) {
            await nudged(gpu, gpu.device.queue.onSubmittedWorkDone())
            unflushed = 0
          }
        }
      }
      const timeDecay = Array.from({ length: config.L }, (_, i) => {
        const raw = vectors.get(`blocks.${i}.att.time_decay`)
        return new Float32Array(raw?.buffer ?? []).map(decayOf)
      })
      return { timeDecay, fingerprint: await fingerprint(vectors) }
    },
  }
}

function require(tensors: ReadonlyMap<string, TensorEntry>, name: string): TensorEntry {
  const tensor = tensors.get(name)
  if (!tensor)
    throw new RwkvError('model/missing-tensor', `The checkpoint has no tensor ${name}. Take a complete RWKV-4 file.`)
  return tensor
}

/** Whole rows of a matrix, at most SLICE_BYTES of the file but at least one row; vectors at once. */
function sliceLength(tensor: TensorEntry, destination: Destination): number {
  if ('vectors' in destination) return tensor.byteLength
  const [rows = 1] = tensor.shape
  const rowBytes = tensor.byteLength / rows
  return Math.max(1, Math.floor(SLICE_BYTES / rowBytes)) * rowBytes
}

/** A slice of a matrix, and how to read it. */
interface Rows {
  readonly tensor: TensorEntry
  readonly destination: MatrixRows
  readonly at: number
  readonly byteLength: number
  readonly read: () => Promise<Uint8Array>
  readonly derived: Derived | undefined
  readonly derivedAt: number
}

/** Hand rows to the GPU, quantised before or now; how many bytes of what is derived they take. */
async function uploadRows(gpu: Gpu, { tensor, destination, at, byteLength, read, ...from }: Rows): Promise<number> {
  const { matrix, row } = destination
  const { codec, columns } = matrix
  const { dtype, name, shape } = tensor
  const derived = isQuantized(codec) ? from.derived : undefined
  const rowBytes = tensor.byteLength / (shape[0] ?? 1)
  const encoded = derived?.source
    ? await derived.source.read(from.derivedAt, (byteLength / rowBytes) * rowByteLength(codec, columns))
    : encodeWeights(await read(), { dtype, codec, name, columns })
  writeRows(gpu, matrix, row + at / rowBytes, encoded)
  if (derived && !derived.source) await derived.append(encoded)
  return derived ? encoded.byteLength : 0
}

/** Hand a vector to the GPU; its values as f32. */
function uploadVector(
  gpu: Gpu,
  { tensor, destination, bytes }: { tensor: TensorEntry; destination: VectorRow; bytes: Uint8Array },
): Uint8Array<ArrayBuffer> {
  const { dtype, name } = tensor
  const { vectors, row, transform } = destination
  const encoded = encodeWeights(bytes, { dtype, codec: 'f32', name }).slice()
  const values = new Float32Array(encoded.buffer)
  gpu.device.queue.writeBuffer(vectors.gpu, row * values.byteLength, transform ? values.map(transform) : values)
  return encoded
}

/** From the stored number to w, the log of what is left of a sum after a token. */
const decayOf = (raw: number) => -Math.exp(raw)

async function fingerprint(vectors: ReadonlyMap<string, Uint8Array<ArrayBuffer>>): Promise<string> {
  const inOrder = [...vectors].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, bytes]) => bytes)
  const digest = await crypto.subtle.digest('SHA-256', await new Blob(inOrder).arrayBuffer())
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** What `allocate` takes. */
interface Allocate {
  /** Of all that is allocated. */
  readonly owner: Owner
  readonly config: ModelConfig
  readonly codecOf: (name: string) => WeightCodec
}

/** Allocate everything and say which tensor goes where; the table is in the order of the data. */
function allocate(gpu: Gpu, { owner, config: { L, C, F, V }, codecOf }: Allocate) {
  const destinations = new Map<string, Destination>()

  const vectors = (
    label: string,
    names: readonly (string | readonly [string, (value: number) => number])[],
  ): Buffer => {
    const buffer = owner.own(createBuffer(gpu, { label, byteLength: names.length * C * 4, use: 'storage' }))
    names.forEach((entry, row) => {
      const [name, transform] = typeof entry === 'string' ? [entry] : entry
      destinations.set(name, { vectors: buffer, row, ...(transform && { transform }) })
    })
    return buffer
  }
  const matrix = (
    label: string,
    columns: number,
    stacked: readonly [readonly [name: string, rows: number], ...(readonly [name: string, rows: number])[]],
  ): Matrix => {
    const rows = stacked.reduce((sum, [, count]) => sum + count, 0)
    const created = owner.own(createMatrix(gpu, { label, codec: codecOf(stacked[0][0]), rows, columns }))
    let row = 0
    for (const [name, count] of stacked) {
      destinations.set(name, { matrix: created, row })
      row += count
    }
    return created
  }

  const emb = matrix('emb', C, [['emb.weight', V]])
  const ln0 = vectors('ln0', ['blocks.0.ln0.weight', 'blocks.0.ln0.bias'])
  const layers = Array.from({ length: L }, (_, i): LayerV4 => {
    const block = `blocks.${i}`
    const att = `${block}.att`
    const ffn = `${block}.ffn`
    return {
      timeMix: {
        normMix: vectors(`${att}.norm-mix`, [
          `${block}.ln1.weight`,
          `${block}.ln1.bias`,
          `${att}.time_mix_k`,
          `${att}.time_mix_v`,
          `${att}.time_mix_r`,
        ]),
        keyValueReceptance: matrix(`${att}.key-value-receptance`, C, [
          [`${att}.key.weight`, C],
          [`${att}.value.weight`, C],
          [`${att}.receptance.weight`, C],
        ]),
        time: vectors(`${att}.time`, [`${att}.time_first`, [`${att}.time_decay`, decayOf]]),
        output: matrix(`${att}.output`, C, [[`${att}.output.weight`, C]]),
      },
      channelMix: {
        normMix: vectors(`${ffn}.norm-mix`, [
          `${block}.ln2.weight`,
          `${block}.ln2.bias`,
          `${ffn}.time_mix_k`,
          `${ffn}.time_mix_r`,
        ]),
        keyReceptance: matrix(`${ffn}.key-receptance`, C, [
          [`${ffn}.key.weight`, F],
          [`${ffn}.receptance.weight`, C],
        ]),
        value: matrix(`${ffn}.value`, F, [[`${ffn}.value.weight`, C]]),
      },
    }
  })
  const lnOut = vectors('lnOut', ['ln_out.weight', 'ln_out.bias'])
  const head = matrix('head', C, [['head.weight', V]])

  const layer = (index: number): LayerV4 => {
    const found = layers[index]
    if (!found) throw new RangeError(`layer ${index} of ${L}`)
    return found
  }
  return {
    weights: { emb, ln0, layer, lnOut, head } satisfies Omit<WeightsV4, 'dispose'>,
    destinations,
  }
}
