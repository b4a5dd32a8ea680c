/** @file The built-in model's weights as torch.save writes them: what a reader of the chat page may bring. */

import { readFile } from 'node:fs/promises'
import { createByteSource } from '../../src/file/byte-source.ts'
import { openCheckpoint } from '../../src/file/checkpoint.ts'
import { type PthTensor, pthParts } from './pth-bytes.ts'

/** The built-in model. */
export const storytellerFolder = new URL('../../demo/public/models/storyteller/', import.meta.url)

const types = { F32: 'FloatStorage', F16: 'HalfStorage', BF16: 'BFloat16Storage' }

/** All of it as the bytes of one .pth. */
export async function storytellerPth(): Promise<Buffer> {
  const checkpoint = await openCheckpoint(
    createByteSource('model.safetensors', await readFile(new URL('model.safetensors', storytellerFolder))),
  )
  const tensors = Array.from(checkpoint.tensors.values(), async (tensor): Promise<PthTensor> => {
    const { name, dtype, shape, byteLength } = tensor
    return { name, type: types[dtype], shape, data: await checkpoint.read(tensor, 0, byteLength) }
  })
  return Buffer.concat(pthParts(await Promise.all(tensors)))
}
