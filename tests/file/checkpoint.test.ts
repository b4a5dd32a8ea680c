import { describe, expect, test } from 'vitest'
import { createByteSource } from '../../src/file/byte-source.ts'
import { openCheckpoint } from '../../src/file/checkpoint.ts'
import { buildSafetensors, concat } from '../tools/safetensors-bytes.ts'

const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0))
const open = (bytes: Uint8Array) => openCheckpoint(createByteSource('model.bin', bytes))
const padded = (text: string) => concat([latin1(text), latin1('x'.repeat(300))])

describe('a file of another kind is named', () => {
  test.each([
    ['\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.', 'file/unsupported', /pickle/],
    ['\x80\x04\x95\x10\x01', 'file/unsupported', /pickle/],
    [`${'n'.repeat(257)}ustar`, 'file/unsupported', /tar archive/],
    ['\xa5\x67context\xf6', 'file/unsupported', /as web-rwkv holds it in memory \(\.prefab/],
    ['fmgg\x65\x00\x00\x00', 'file/unsupported', /rwkv\.cpp/],
    ['\x08\x07\x12\x07pytorch\x1a', 'file/unsupported', /ONNX/],
    ['\x89HDF\r\n\x1a\n', 'file/unsupported', /HDF5/],
    ['\x1f\x8b\x08\x00\x01\x02', 'file/unsupported', /gzip/],
    ['{\n  "metadata": {"total_size": 3}', 'file/not-weights', /JSON/],
    ['  <!doctype html><title>', 'file/not-weights', /HTML page/],
    ['version https://git-lfs.github.com/spec/v1\noid', 'file/not-weights', /git-lfs pointer/],
  ])('%j', async (text, code, message) => {
    await expect(open(padded(text))).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })

  test('a header length that looks like the start of a pickle, of ONNX or of gzip is still safetensors', async () => {
    const tensors = [{ name: 'a', dtype: 'F32', shape: [1], values: [1] }]
    for (const length of [0x0280, 0x0880, 0x8b1f, 0x120108]) {
      const [plain] = JSON.stringify({ a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }).split('\n')
      const bytes = buildSafetensors(tensors, { header: (plain ?? '').padEnd(length) })
      expect((await open(bytes)).tensors.size).toBe(1)
    }
  })
})
