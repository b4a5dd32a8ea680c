/**
 * @file Golden files of which the repository keeps only what is not tensor data: the data is that of another golden file of
 * the same model, put back where it was.
 */

import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createByteSource } from '../../src/file/byte-source.ts'
import { type Checkpoint, openCheckpoint } from '../../src/file/checkpoint.ts'
import { concat } from './safetensors-bytes.ts'

/** Bytes in base64, or a tensor of the other file; `turned`: its columns one after another, of a matrix of 16-bit numbers. */
type Piece = { readonly bytes: string } | { readonly tensor: string; readonly turned?: readonly [number, number] }

/** The file that `recipe` in `folder`/models describes, with the hash it was born with. */
export async function rebuilt(folder: string, recipe: string): Promise<Uint8Array<ArrayBuffer>> {
  const models = join(folder, 'models')
  const { sha256, weights, pieces }: { sha256: string; weights: string; pieces: Piece[] } = JSON.parse(
    await readFile(join(models, recipe), 'utf8'),
  )
  const checkpoint = await openCheckpoint(createByteSource(weights, await readFile(join(models, weights))))
  const bytes = concat(await Promise.all(pieces.map((piece) => bytesOf(piece, checkpoint))))
  const found = createHash('sha256').update(bytes).digest('hex')
  if (found !== sha256) throw new Error(`what ${recipe} describes has hash ${found}, not ${sha256}`)
  return bytes
}

async function bytesOf(piece: Piece, checkpoint: Checkpoint): Promise<Uint8Array> {
  if ('bytes' in piece) return Buffer.from(piece.bytes, 'base64')
  const tensor = checkpoint.tensors.get(piece.tensor)
  if (!tensor) throw new Error(`no tensor ${piece.tensor}`)
  const data = await checkpoint.read(tensor, 0, tensor.byteLength)
  return piece.turned ? turnedHalves(data, piece.turned) : data
}

/** A matrix of 16-bit numbers, its columns one after another. */
export function turnedHalves(matrix: Uint8Array, [rows, columns]: readonly [number, number]): Uint8Array {
  const values = new Uint16Array(new Uint8Array(matrix).buffer)
  const turned = values.map((_, at) => values[(at % rows) * columns + Math.floor(at / rows)])
  return new Uint8Array(turned.buffer)
}
