import { beforeAll, describe, expect, test } from 'vitest'
import { openUrl, readText } from '../../src/file/byte-source.ts'
import { type Checkpoint, openCheckpoint, readTensor } from '../../src/file/checkpoint.ts'
import { inferConfig } from '../../src/model/config.ts'
import { parseDescription } from '../../src/model/description.ts'
import { architectures } from '../../src/rwkv/index.ts'
import { createWorldTokenizer, parseWorldVocabulary } from '../../src/text/world-tokenizer.ts'
import { seededCheckpoint } from '../tools/seeded.ts'
import { serveCheckpoint } from './serve-checkpoint.ts'

describe('a served checkpoint', () => {
  const sizes = { L: 1, C: 64, F: 128, V: 1100 } // larger than what is read of a file at first
  const checkpoint = seededCheckpoint(sizes, 7)
  const { url, fetch } = serveCheckpoint(checkpoint)
  const open = (file: string) => openUrl({ url: `${url}${file}`, fetch })
  let served: Checkpoint
  beforeAll(async () => {
    served = await openCheckpoint(await open('model.safetensors'))
  })

  test('is a safetensors file with the same tensors, bit for bit', async () => {
    expect(inferConfig(served, architectures).config).toEqual({ version: 4, ...sizes })
    expect([...served.tensors.keys()]).toEqual([...checkpoint.tensors.keys()])
    for (const name of served.tensors.keys()) {
      expect(await readTensor(served, name)).toEqual(await readTensor(checkpoint, name))
    }
  })

  test('describes itself', async () => {
    const description = parseDescription(
      JSON.parse(await readText(await open('model.json'))),
      'model.json',
      architectures,
    )
    expect(description.weights).toEqual(['model.safetensors'])
    expect(description.vocabulary).toEqual({ file: 'vocab.txt', kind: 'world' })
  })

  test('has a vocabulary of all its ids', async () => {
    const { encode, has } = createWorldTokenizer(
      parseWorldVocabulary(await readText(await open('vocab.txt')), 'vocab.txt'),
    )
    expect(Array.from({ length: sizes.V }, (_, id) => has(id))).toEqual([false, ...Array(sizes.V - 1).fill(true)])
    expect(encode('ab')).toHaveLength(1)
  })

  test('has nothing else', async () => {
    await expect(open('config.json')).rejects.toMatchObject({ code: 'file/not-found' })
  })
})
