/**
 * @file The golden .pth, written by PyTorch itself. The repository keeps only what is not tensor data; the data is that of
 * the golden safetensors of the same model, put back where it was.
 */

import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createByteSource } from '../../src/file/byte-source.ts'
import { openCheckpoint } from '../../src/file/checkpoint.ts'
import { goldenFolder } from './golden.ts'
import { concat } from './safetensors-bytes.ts'

type Piece = { readonly bytes: string } | { readonly tensor: string }

/** `odd160.bf16.pth`, with the hash it was born with. */
export async function goldenPth(): Promise<Uint8Array<ArrayBuffer>> {
  const models = join(goldenFolder, 'models')
  const { sha256, weights, pieces }: { sha256: string; weights: string; pieces: Piece[] } = JSON.parse(
    await readFile(join(models, 'odd160.bf16.pth.json'), 'utf8'),
  )
  const checkpoint = await openCheckpoint(createByteSource(weights, await readFile(join(models, weights))))
  const parts = pieces.map(async (piece) => {
    if ('bytes' in piece) return Buffer.from(piece.bytes, 'base64')
    const tensor = checkpoint.tensors.get(piece.tensor)
    if (!tensor) throw new Error(`no tensor ${piece.tensor}`)
    return checkpoint.read(tensor, 0, tensor.byteLength)
  })
  const bytes = concat(await Promise.all(parts))
  const found = createHash('sha256').update(bytes).digest('hex')
  if (found !== sha256) throw new Error(`the golden .pth has hash ${found}, not ${sha256}`)
  return bytes
}
