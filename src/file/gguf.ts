/**
 * @file GGUF, the format of llama.cpp, as a checkpoint. Matrices in blocks give their values as f32: a read decodes the
 * blocks it touches and no others. What a converter has stacked or flattened is taken apart again, so that every entry is
 * a tensor of the model, with its name in the file.
 */

import { RwkvError } from '../core/errors.ts'
import { float32ToBfloat16, float32ToHalf } from '../core/float16.ts'
import { type ByteSource, withReadAhead } from './byte-source.ts'
import { type GgufHeader, type GgufTensor, type GgufValue, parseGgufHeader } from './gguf-header.ts'
import { HELD_BLOCKS } from './gguf-rows.ts'
import {
  type Checkpoint,
  checkInside,
  type Dtype,
  decodeFloats,
  type HeldRows,
  isReadable,
  type Part,
  type TensorEntry,
  type UnreadableTensor,
} from './tensor.ts'

const FIRST_BYTES = 256 * 1024
const HEADER_CAP = 16 * 1024 * 1024 // with the World vocabulary it has 1.5 MB

/**
 * Read the header of a GGUF file of RWKV-6 or RWKV-7, and nothing else. Of a split one, the first part alone has the
 * metadata of the model.
 * @throws RwkvError all of `parseGgufHeader`; `file/header-length`; `file/shards` for a part of a
 * split file that is not the `part` it should be, `model/unsupported-version` for other models.
 */
export async function openGguf(
  source: ByteSource,
  part: Part = { index: 0, count: 1, first: undefined },
): Promise<Checkpoint> {
  const { name: file, byteLength } = source
  const { metadata: own, tokens, tensors: stored } = await readHeader(source)
  checkPart(own, part, file)
  const metadata = new Map([...(part.first?.metadata ?? []), ...own])
  refuseOthers(metadata, file)

  const headSize = metadata.get('rwkv7.wkv.head_size')
  const every = metadata.get('rwkv6.rescale_every_n_layers')
  const tensors = new Map<string, TensorEntry>()
  const unreadable = new Map<string, UnreadableTensor>()
  const blocks = new Map<string, GgufTensor>()
  const factors = new Map<string, number>()
  const ahead = withReadAhead(source)
  for (const tensor of stored.flatMap((one) => takenApart(one, headSize))) {
    const { name, shape, offset, type } = tensor
    if (tensors.has(name) || unreadable.has(name))
      throw new RwkvError('file/duplicate-name', `${file} has ${name} twice. Take the file from its source again.`)
    const factor = factorOf(name, every)
    if (factor !== 1) factors.set(name, factor)
    if (type.decode) {
      const values = (tensor.byteLength / type.bytes) * type.values
      const held = heldRows(ahead, tensor, factor)
      tensors.set(name, { name, dtype: 'F32', shape, offset, byteLength: values * 4, ...(held && { held }) })
      blocks.set(name, tensor)
      continue
    }
    const entry = { name, dtype: type.name, shape, offset, byteLength: tensor.byteLength }
    if (isReadable(entry)) tensors.set(name, entry)
    else unreadable.set(name, entry)
  }
  return {
    file,
    byteLength,
    format: 'gguf',
    metadata,
    ...(tokens && metadata.get('tokenizer.ggml.model') === 'rwkv' && { tokens }),
    tensors,
    unreadable,
    async read(tensor, byteOffset, length) {
      checkInside(tensor, byteOffset, length)
      const inBlocks = blocks.get(tensor.name)
      const bytes = inBlocks
        ? await readBlocks(ahead, inBlocks, { byteOffset, byteLength: length })
        : await ahead.read(tensor.offset + byteOffset, length)
      const factor = factors.get(tensor.name)
      return factor === undefined ? bytes : multiplied(bytes, tensor.dtype, factor)
    },
  }
}

/** Its length is written nowhere: twice as much is read until it is all there. */
async function readHeader(source: ByteSource): Promise<GgufHeader> {
  const { name: file, byteLength } = source
  const most = Math.min(byteLength, HEADER_CAP)
  for (let length = Math.min(FIRST_BYTES, most); ; length = Math.min(length * 2, most)) {
    const header = parseGgufHeader({ bytes: await source.read(0, length), fileByteLength: byteLength, file })
    if (header) return header
    if (length < most) continue
    throw new RwkvError(
      'file/header-length',
      `${file}: its GGUF header does not end within ${HEADER_CAP} bytes. Take the file from its source again.`,
    )
  }
}

const HYBRIDS = new Set<GgufValue>(['arwkv7', 'rwkv6qwen2'])

function checkPart(own: ReadonlyMap<string, GgufValue>, { index, count }: Part, file: string): void {
  const [found, of] = [own.get('split.no') ?? 0, own.get('split.count') ?? 1]
  if (of === count && found === index) return
  const place = (at: GgufValue, all: GgufValue) => (all === 1 ? 'a whole model' : `part ${Number(at) + 1} of ${all}`)
  throw new RwkvError(
    'file/shards',
    `${file} says that it is ${place(found, of)}; expected ${place(index, count)} of a GGUF file by its name. Give all parts of one model, with the names they were split under (such as model-00001-of-00003.gguf), or join them with "llama-gguf-split --merge".`,
  )
}

function refuseOthers(metadata: ReadonlyMap<string, GgufValue>, file: string): void {
  const name = metadata.get('general.architecture')
  if (name === 'rwkv7' || name === 'rwkv6') return
  const is = HYBRIDS.has(name ?? '')
    ? `${name}, a hybrid of Qwen and RWKV`
    : `a model of the architecture ${JSON.stringify(name ?? 'none').slice(0, 80)}`
  throw new RwkvError(
    'model/unsupported-version',
    `${file} holds ${is}; expected a GGUF file of RWKV-6 or RWKV-7. Take one of those, or another model as .pth or safetensors.`,
  )
}

/**
 * RWKV-6 was divided for f16: two matrices of a block by 2^⌊block / n⌋, which the norms made up for.
 * @param every n; 0 or none where nothing was divided
 */
function factorOf(name: string, every: GgufValue | undefined): number {
  const block = /^blk\.(\d+)\.(time_mix_output|channel_mix_value)\.weight$/.exec(name)?.[1]
  return block === undefined || typeof every !== 'number' || !(every > 0) ? 1 : 2 ** Math.floor(Number(block) / every)
}

/** Values times a power of two, in their own type. */
function multiplied(bytes: Uint8Array, dtype: Dtype, factor: number): Uint8Array {
  const values = decodeFloats(bytes, dtype).map((value) => value * factor)
  if (dtype === 'F32') return new Uint8Array(values.buffer)
  const halves = new Uint16Array(values.length)
  if (dtype === 'F16') float32ToHalf(values, halves)
  else float32ToBfloat16(values, halves)
  return new Uint8Array(halves.buffer)
}

/** The mixes of a layer are stacked in these orders; what r_k weighs is flat, where heads are rows officially. */
const MIXES: Readonly<Record<number, string>> = { 5: 'wkvrg', 6: 'rwkvag' }

function takenApart(tensor: GgufTensor, headSize: GgufValue | undefined): readonly GgufTensor[] {
  const { name, shape, byteLength, offset } = tensor
  const width = shape.at(-1) ?? 0
  const [count = 0, ...ones] = shape.slice(0, -1)
  const mixes = ones.every((size) => size === 1) ? MIXES[count] : undefined
  if (mixes && name.endsWith('.time_mix_lerp_fused.weight')) {
    const rowBytes = byteLength / mixes.length
    return Array.from(mixes, (mix, i) => ({
      name: `${name}.${mix}`,
      type: tensor.type,
      shape: [width],
      offset: offset + i * rowBytes,
      byteLength: rowBytes,
    }))
  }
  const isFlat = name.endsWith('.time_mix_r_k.weight') && shape.length === 1
  if (isFlat && typeof headSize === 'number' && headSize > 0 && width % headSize === 0)
    return [{ ...tensor, shape: [width / headSize, headSize] }]
  return [tensor]
}

/** A matrix in blocks as rows of the format that holds its values, if one does. */
function heldRows(source: ByteSource, { name, type, shape, offset }: GgufTensor, factor: number): HeldRows | undefined {
  const blocks = HELD_BLOCKS.get(type.name)
  const [, columns = 0, ...others] = shape
  if (!blocks || columns === 0 || others.length > 0) return undefined
  const isPairs = blocks.format === 'q4_1' || blocks.format === 'q5_1'
  if (isPairs && factor !== 1) return undefined
  const rowBytes = (columns / type.values) * type.bytes
  return {
    format: blocks.format,
    async read(first, count) {
      const bytes = await source.read(offset + first * rowBytes, count * rowBytes)
      return blocks.pack({ name, bytes, columns, factor })
    },
  }
}

/** Part of the values of a tensor in blocks, as bytes of f32. */
async function readBlocks(
  source: ByteSource,
  { offset, type }: GgufTensor,
  part: { readonly byteOffset: number; readonly byteLength: number },
): Promise<Uint8Array> {
  const blockBytes = type.values * 4 // decoded
  const first = Math.floor(part.byteOffset / blockBytes)
  const count = Math.ceil((part.byteOffset + part.byteLength) / blockBytes) - first
  const target = new Float32Array(count * type.values)
  type.decode?.(await source.read(offset + first * type.bytes, count * type.bytes), count, target)
  return new Uint8Array(target.buffer, part.byteOffset - first * blockBytes, part.byteLength)
}
