/**
 * @file Opening a model file, whatever its format: the first bytes say what it is, safetensors, PyTorch's .pth or
 * GGUF; every other format is refused by its name. A model in several files is one checkpoint over all of them.
 */

import { RwkvError } from '../core/errors.ts'
import type { ByteSource } from './byte-source.ts'
import { openPth } from './pth/pth.ts'
import { isGguf, isZip, RECOGNIZE_BYTE_LENGTH, refuseForeign } from './recognize.ts'
import { openSafetensors } from './safetensors.ts'
import { type Checkpoint, decodeFloats, type Part } from './tensor.ts'

export type { Checkpoint, Dtype, TensorEntry, UnreadableTensor } from './tensor.ts'

/**
 * Read and check the table of tensors of a model file; reads nothing else. Tensors are then read through a window of a
 * few MiB, so that reading them in the order of the file makes few, large reads of the source.
 * @throws RwkvError `file/unsupported` for a known format that is none of the three, `file/not-weights` for a
 * web page, a git-lfs pointer or JSON, `file/empty`, and all of `openSafetensors`, `openPth` and `openGguf`.
 */
export async function openCheckpoint(source: ByteSource, part?: Part): Promise<Checkpoint> {
  const first = await source.read(0, Math.min(RECOGNIZE_BYTE_LENGTH, source.byteLength))
  refuseForeign(first, source.name)
  if (isGguf(first)) {
    const { openGguf } = await import('./gguf.ts')
    return openGguf(source, part)
  }
  return isZip(first) ? openPth(source) : openSafetensors(source)
}

/**
 * A whole tensor as f32; for small ones and tests, since it holds the file's bytes and the result at once.
 * @throws RwkvError `model/missing-tensor` if there is none of that name, `file/dtype` if its type cannot be read.
 */
export async function readTensor(checkpoint: Checkpoint, name: string): Promise<Float32Array<ArrayBuffer>> {
  const tensor = checkpoint.tensors.get(name)
  if (tensor) return decodeFloats(await checkpoint.read(tensor, 0, tensor.byteLength), tensor.dtype)
  const other = checkpoint.unreadable.get(name)
  if (other) {
    throw new RwkvError(
      'file/dtype',
      `${checkpoint.file}: tensor ${name} is ${other.dtype}; expected F32, F16 or BF16.`,
    )
  }
  throw new RwkvError('model/missing-tensor', `${checkpoint.file} has no tensor ${name}. Take a complete file.`)
}
