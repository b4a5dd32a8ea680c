import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ErrorCode } from '../../../src/core/errors.ts'
import { createByteSource } from '../../../src/file/byte-source.ts'
import { type Checkpoint, openCheckpoint, readTensor } from '../../../src/file/checkpoint.ts'
import { cpuMs } from '../../tools/cpu-time.ts'
import { goldenFolder } from '../../tools/golden.ts'
import { goldenPth } from '../../tools/golden-pth.ts'
import { buildPth, op, type PthOptions, type PthTensor, pickleOf, tensorOps } from '../../tools/pth-bytes.ts'
import { concat } from '../../tools/safetensors-bytes.ts'
import { buildZip, type RecordToWrite } from '../../tools/zip-bytes.ts'

const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer)
const shorts = (...values: number[]) => new Uint8Array(Uint16Array.from(values).buffer)
const open = (bytes: Uint8Array): Promise<Checkpoint> => openCheckpoint(createByteSource('m.pth', bytes))

const A: PthTensor = { name: 'a', type: 'FloatStorage', shape: [2, 2], data: floats(1, 2, 3, 4) }
const B: PthTensor = { name: 'b', type: 'HalfStorage', shape: [1, 1, 2], data: shorts(0x3c00, 0xc000) }
const C: PthTensor = { name: 'c', type: 'BFloat16Storage', shape: [2], data: shorts(0x3f80, 0x4040) }
const STEP: PthTensor = { name: 'step', type: 'LongStorage', shape: [], data: new Uint8Array(8) }
const sound = (options?: PthOptions) => buildPth([A, B, C, STEP], options)

describe('a sound .pth', () => {
  test.each<[string, PthOptions]>([
    ['as PyTorch lays it out', {}],
    ['as Python lays zip archives out', { plain: true }],
    ['of an OrderedDict', { ordered: true }],
    ['of the state of a module, with _metadata', { metadata: true }],
    ['in another folder', { folder: 'RWKV-4-World' }],
    ['with zip64 sizes', { records: (all) => all.map((record) => ({ ...record, zip64: true })) }],
    [
      'with a byte order',
      { records: (all) => [...all, { name: 'model/byteorder', data: new TextEncoder().encode('little') }] },
    ],
  ])('%s gives mixed dtypes and shapes', async (_, options) => {
    const checkpoint = await open(sound(options))
    expect([...checkpoint.tensors].map(([name, { dtype, shape }]) => [name, dtype, shape])).toEqual([
      ['a', 'F32', [2, 2]],
      ['b', 'F16', [1, 1, 2]],
      ['c', 'BF16', [2]],
    ])
    expect([...(await readTensor(checkpoint, 'a'))]).toEqual([1, 2, 3, 4])
    expect([...(await readTensor(checkpoint, 'b'))]).toEqual([1, -2])
    expect([...(await readTensor(checkpoint, 'c'))]).toEqual([1, 3])
    expect(checkpoint.unreadable.get('step')).toMatchObject({ dtype: 'I64', shape: [] })
  })

  test('parameters are the tensors they wrap, and values that are no tensors are left out', async () => {
    const step = [op.text('epoch'), op.integer(2 ** 40), op.setItem]
    const pickle = concat([pickleOf([{ ...A, isParameter: true }]).slice(0, -1), ...step, op.stop])
    const checkpoint = await open(buildPth([A], { pickle }))
    expect([...checkpoint.tensors.keys()]).toEqual(['a'])
  })

  /** A dict of texts, numbers and dicts of tensors, in which each tensor has a storage of its own. */
  const nested = (entries: Readonly<Record<string, readonly PthTensor[] | string | number>>) => {
    const all = Object.values(entries).flatMap((value) => (typeof value === 'object' ? value : []))
    const value = (of: (typeof entries)[string]) => {
      if (typeof of === 'string') return op.text(of)
      if (typeof of === 'number') return op.integer(of)
      const items = of.flatMap((one) => [op.text(one.name), tensorOps(one, String(all.indexOf(one)))])
      return concat([op.dict, op.mark, ...items, op.setItems])
    }
    const items = Object.entries(entries).flatMap(([key, of]) => [op.text(key), value(of)])
    return buildPth(all, { pickle: concat([op.proto(), op.dict, op.mark, ...items, op.setItems, op.stop]) })
  }

  test.each([
    ['{ state_dict }', { epoch: 3, state_dict: [A, C] }],
    ['{ model }', { model: [A, C], step: 9 }],
    ['{ module }, beside the averages of an optimizer', { optimizer: [B], module: [A, C] }],
    ['a dict of another name', { weights: [A, C], author: 'me' }],
  ])('%s one level down is found', async (_, entries) => {
    const checkpoint = await open(nested(entries))
    expect([...checkpoint.tensors.keys()]).toEqual(['a', 'c'])
    expect([...(await readTensor(checkpoint, 'c'))]).toEqual([1, 3])
  })

  test('of two dicts of tensors it cannot be told which is meant', async () => {
    await expect(open(nested({ mine: [A], yours: [C] }))).rejects.toMatchObject({
      code: 'file/header-shape',
      message: expect.stringMatching(/several dicts of tensors \(mine, yours\)/),
    })
  })

  test('what ChatRWKV converted is refused by what it is', async () => {
    const strategy = [op.text('_strategy'), op.text('cuda fp16i8'), op.setItem]
    const pickle = concat([pickleOf([A]).slice(0, -1), ...strategy, op.stop])
    await expect(open(buildPth([A], { pickle }))).rejects.toMatchObject({
      code: 'file/unsupported',
      message: expect.stringMatching(/converted by ChatRWKV for the strategy "cuda fp16i8"/),
    })
  })

  test('tensors that share a storage see the same bytes', async () => {
    const row = { ...A, name: 'row', key: '0', shape: [2], storageOffset: 2 }
    const checkpoint = await open(buildPth([{ ...A, key: '0' }, row]))
    expect([...(await readTensor(checkpoint, 'row'))]).toEqual([3, 4])
  })

  test('a transposed view is read in its own order', async () => {
    const turned = { ...A, shape: [2, 2], strides: [1, 2] }
    expect([...(await readTensor(await open(buildPth([turned])), 'a'))]).toEqual([1, 3, 2, 4])
  })

  test('any view reads as its definition says, in slices of any length', async () => {
    const axes = fc.array(fc.record({ size: fc.integer({ min: 1, max: 4 }), stride: fc.integer({ min: 1, max: 9 }) }), {
      maxLength: 3,
    })
    const law = fc.asyncProperty(
      axes,
      fc.nat(7),
      fc.integer({ min: 1, max: 9 }),
      async (view, storageOffset, slice) => {
        const data = floats(...Array.from({ length: 100 }, (_, i) => i))
        const shape = view.map(({ size }) => size)
        const strides = view.map(({ stride }) => stride)
        const checkpoint = await open(buildPth([{ ...A, shape, strides, storageOffset, data }]))
        const expected = view.reduce(
          (all, { size, stride }) => all.flatMap((at) => Array.from({ length: size }, (_, i) => at + i * stride)),
          [storageOffset],
        )
        const tensor = checkpoint.tensors.get('a')
        if (!tensor) throw new Error('no a')
        const read: number[] = []
        for (let at = 0; at < tensor.byteLength; at += slice * 4) {
          const bytes = await checkpoint.read(tensor, at, Math.min(slice * 4, tensor.byteLength - at))
          read.push(...new Float32Array(bytes.slice().buffer))
        }
        expect(read).toEqual(expected)
      },
    )
    await fc.assert(law)
  })

  test('tensors of no elements, scalars, and axes of length 1 with a stride of 0 are accepted', async () => {
    const tensors: PthTensor[] = [
      { ...A, name: 'none', shape: [0, 3], data: floats() },
      { ...A, name: 'scalar', shape: [], data: floats(5) },
      { ...A, name: 'axis', shape: [1, 2], strides: [0, 1], data: floats(6, 7) },
    ]
    const checkpoint = await open(buildPth(tensors))
    expect([...(await readTensor(checkpoint, 'none'))]).toEqual([])
    expect([...(await readTensor(checkpoint, 'scalar'))]).toEqual([5])
    expect([...(await readTensor(checkpoint, 'axis'))]).toEqual([6, 7])
  })

  test('opening reads a few times, no data of tensors, and never more often for more of them', async () => {
    const large = { ...A, shape: [100_000], data: new Uint8Array(400_000) }
    const readsOf = async (count: number) => {
      const tensors = Array.from({ length: count }, (_, i) => ({ ...large, name: `${i}` }))
      const plain = createByteSource('m.pth', buildPth(tensors))
      const reads: number[] = []
      await openCheckpoint({
        ...plain,
        read: (at, length) => {
          reads.push(length)
          return plain.read(at, length)
        },
      })
      return reads
    }
    const [few, many] = [await readsOf(2), await readsOf(20)]
    expect(few.reduce((sum, length) => sum + length)).toBeLessThan(10_000)
    expect(many.length).toBe(few.length)
  })

  test('tensors named like properties of objects are plain names', async () => {
    const checkpoint = await open(
      buildPth([
        { ...A, name: '__proto__' },
        { ...A, name: 'constructor', key: '0' },
      ]),
    )
    expect([...checkpoint.tensors.keys()]).toEqual(['__proto__', 'constructor'])
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  test('the golden .pth has the tensors of the golden safetensors, byte for byte', async () => {
    const file = 'odd160.bf16.safetensors'
    const pth = await open(await goldenPth())
    const safetensors = await openCheckpoint(createByteSource(file, await readFile(join(goldenFolder, 'models', file))))
    expect([...pth.tensors.keys()].sort()).toEqual([...safetensors.tensors.keys()].sort())
    for (const [name, entry] of pth.tensors) {
      const other = safetensors.tensors.get(name)
      if (!other) throw new Error(name)
      expect([entry.dtype, entry.shape]).toEqual([other.dtype, other.shape])
      const bytes = await pth.read(entry, 0, entry.byteLength)
      expect(Buffer.compare(bytes, await safetensors.read(other, 0, other.byteLength))).toBe(0)
    }
  })
})

const withPickle = (...ops: Uint8Array[]) => sound({ pickle: concat([op.proto(), ...ops, op.stop]) })
const one = (fields: Partial<PthTensor>) => buildPth([{ ...A, ...fields }])
const change = (name: string, fields: Partial<RecordToWrite>) =>
  sound({ records: (all) => all.map((record) => (record.name.endsWith(name) ? { ...record, ...fields } : record)) })
const doubled = concat([op.emptyTuple, ...Array.from({ length: 64 }, () => concat([op.put(1), op.get(1), op.tuple2]))])
const whole = sound()
const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0))
const padded = (text: string) => concat([latin1(text), new Uint8Array(400).fill(0x78)])

const FAULTS: readonly (readonly [fault: number, what: string, bytes: Uint8Array, code: ErrorCode])[] = [
  [41, 'a legacy tar', padded(`${'n'.repeat(257)}ustar`), 'file/unsupported'],
  [41, 'a bare pickle', padded('\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.'), 'file/unsupported'],
  [41, 'a zip without a pickle', buildZip([{ name: 'a.txt', data: new Uint8Array(3) }]), 'file/unsupported'],
  [41, 'a pickle that holds no dict', withPickle(op.list), 'file/header-shape'],
  [41, 'a pickle of protocol 4', sound({ pickle: concat([op.proto(4), op.dict, op.stop]) }), 'file/pickle'],
  [41, 'bytes after the pickle', sound({ pickle: concat([op.proto(), op.dict, op.stop, op.stop]) }), 'file/pickle'],
  [42, 'os.system', withPickle(op.global('os', 'system'), op.text('true'), op.tuple1, op.reduce), 'file/pickle-global'],
  [42, 'posix.system', withPickle(op.global('posix', 'system')), 'file/pickle-global'],
  [42, 'builtins.eval', withPickle(op.global('builtins', 'eval')), 'file/pickle-global'],
  [42, 'a name with a dot too many', withPickle(op.global('torch._utils._rebuild', 'tensor_v2')), 'file/pickle-global'],
  [42, 'constructor', withPickle(op.global('constructor', 'constructor')), 'file/pickle-global'],
  [42, 'a name without an end', withPickle(latin1(`c${'x'.repeat(1000)}`)), 'file/pickle-cut'],
  [43, 'STACK_GLOBAL', withPickle(op.text('os'), op.text('system'), latin1('\x93')), 'file/pickle-opcode'],
  [43, 'INST', withPickle(op.mark, latin1('ios\nsystem\n')), 'file/pickle-opcode'],
  [43, 'OBJ', withPickle(op.mark, latin1('o')), 'file/pickle-opcode'],
  [43, 'NEWOBJ', withPickle(latin1('\x81')), 'file/pickle-opcode'],
  [43, 'EXT1', withPickle(latin1('\x82\x01')), 'file/pickle-opcode'],
  [43, 'EXT4', withPickle(latin1('\x84\x01\x00\x00\x00')), 'file/pickle-opcode'],
  [44, 'REDUCE of a text', withPickle(op.text('a'), op.emptyTuple, op.reduce), 'file/pickle-operand'],
  [
    44,
    'REDUCE of a storage type',
    withPickle(op.global('torch', 'FloatStorage'), op.emptyTuple, op.reduce),
    'file/pickle-operand',
  ],
  [44, 'stack underflow', withPickle(op.reduce), 'file/pickle-operand'],
  [44, 'underflow under a mark', withPickle(op.dict, op.mark, op.setItem), 'file/pickle-operand'],
  [44, 'no mark', withPickle(op.dict, op.setItems), 'file/pickle-operand'],
  [44, 'a memo miss', withPickle(op.get(7)), 'file/pickle-operand'],
  [44, 'two values left', withPickle(op.dict, op.dict), 'file/pickle-operand'],
  [44, 'a mark left open', withPickle(op.mark, op.dict), 'file/pickle-operand'],
  [44, 'a state for a tensor', withPickle(op.list, op.dict, op.build), 'file/pickle-operand'],
  [
    44,
    'another attribute than _metadata',
    withPickle(op.dict, op.dict, op.text('__class__'), op.none, op.setItem, op.build),
    'file/pickle-operand',
  ],
  [45, 'SETITEM on a list', withPickle(op.list, op.text('a'), op.text('b'), op.setItem), 'file/pickle-operand'],
  [
    45,
    'SETITEM on a tensor',
    withPickle(tensorOps(A, '0'), op.text('a'), op.text('b'), op.setItem),
    'file/pickle-operand',
  ],
  [45, 'a tensor named twice', buildPth([A, { ...A, key: '0' }]), 'file/duplicate-name'],
  [45, 'SETITEMS of an odd number', withPickle(op.dict, op.mark, op.text('a'), op.setItems), 'file/pickle-operand'],
  [45, 'APPEND to a dict', withPickle(op.dict, op.text('a'), op.append), 'file/pickle-operand'],
  [45, 'a key that is a tuple', withPickle(op.dict, op.emptyTuple, op.none, op.setItem), 'file/pickle-operand'],
  [46, 'BINUNICODE of 4 GiB', withPickle(op.text('a', 0xffffffff)), 'file/pickle-cut'],
  [46, 'no STOP', sound({ pickle: concat([op.proto(), op.dict]) }), 'file/pickle-cut'],
  [47, 'tuples doubled 64 times', withPickle(doubled), 'file/pickle-limit'],
  [47, 'tuples nested 100,000 deep', withPickle(op.emptyTuple, ...Array(100_000).fill(op.tuple1)), 'file/pickle-limit'],
  [47, '100,000 marks', withPickle(...Array(100_000).fill(op.mark)), 'file/pickle-limit'],
  [47, '3,000,000 instructions', withPickle(new Uint8Array(3_000_000).fill(0x89)), 'file/pickle-limit'],
  [47, 'a pickle of 17 MiB', sound({ pickle: new Uint8Array(17 * 2 ** 20) }), 'file/pickle-limit'],
  [48, 'a storage of more elements than bytes', one({ elements: 5 }), 'file/storage'],
  [48, 'a storage of fewer elements than bytes', one({ elements: 3 }), 'file/storage'],
  [48, 'a storage of 2^53 - 1 elements', one({ elements: Number.MAX_SAFE_INTEGER }), 'file/storage'],
  [49, 'a shape beyond the storage', one({ shape: [2, 3] }), 'file/strides'],
  [49, 'an offset beyond the storage', one({ storageOffset: 1 }), 'file/strides'],
  [49, 'a negative offset', one({ storageOffset: -1 }), 'file/strides'],
  [49, 'a stride beyond the storage', one({ strides: [3, 1] }), 'file/strides'],
  [49, 'a negative stride', one({ strides: [-2, 1] }), 'file/strides'],
  [49, 'a stride of zero', one({ strides: [0, 1] }), 'file/strides'],
  [49, 'more elements than the storage has', one({ shape: [3, 2], strides: [1, 1] }), 'file/strides'],
  [49, 'fewer strides than axes', one({ strides: [1] }), 'file/strides'],
  [49, 'a span over 2^53', one({ strides: [2 ** 53 - 1, 2 ** 53 - 1] }), 'file/strides'],
  [49, 'a product over 2^53', one({ shape: [2 ** 30, 2 ** 30], strides: [1, 1] }), 'file/shape'],
  [49, 'nine axes', one({ shape: Array(9).fill(1) }), 'file/shape'],
  [
    50,
    'a missing record',
    sound({ records: (all) => all.filter(({ name }) => name !== 'model/data/1') }),
    'file/record',
  ],
  [50, 'a key that climbs', one({ key: '../../x' }), 'file/record'],
  [50, 'a key of a property', one({ key: '__proto__' }), 'file/record'],
  [51, 'a compressed record', change('data/0', { method: 8 }), 'file/zip-method'],
  [51, 'a compressed pickle', change('data.pkl', { method: 8 }), 'file/zip-method'],
  [52, 'a local header of another name', change('data/0', { localName: 'model/data/9' }), 'file/zip'],
  [
    52,
    'a local header of another size',
    sound({ plain: true, records: (all) => all.map((r) => ({ ...r, localSize: 1 })) }),
    'file/zip',
  ],
  [52, 'a local header of another method', change('data/0', { localMethod: 8 }), 'file/zip'],
  [52, 'a local header of another checksum', change('data/0', { localCrc: 3 }), 'file/zip'],
  [52, 'a local header that is encrypted', change('data/0', { localFlags: 0x809 }), 'file/zip'],
  [52, 'a directory of other sizes', change('data/0', { compressedSize: 8 }), 'file/zip'],
  [52, 'overlapping records', change('data/1', { size: 60 }), 'file/overlap'],
  [52, 'two records at one place', change('data/1', { headerOffset: 0 }), 'file/overlap'],
  [52, 'a record behind the directory', change('data/1', { headerOffset: 1e6 }), 'file/zip'],
  [52, 'a gap between records', change('data/0', { gap: 10 }), 'file/zip'],
  [52, 'a large gap between records', change('data/0', { gap: 200_000 }), 'file/hole'],
  [
    52,
    'the same record twice',
    sound({ records: (all) => [...all, { name: 'model/data/0', data: floats(9, 9, 9, 9) }] }),
    'file/duplicate-name',
  ],
  [52, 'two end records', concat([whole, whole.slice(-22)]), 'file/zip'],
  [52, 'a comment that hides an end record', sound({ comment: whole.slice(-22) }), 'file/zip'],
  [52, 'a comment', sound({ comment: new Uint8Array(5) }), 'file/truncated'],
  [52, 'bytes before the archive', concat([latin1('PK\x03\x04'), whole]), 'file/zip'],
  [52, 'zip64 records that lie about the count', sound({ count64: 2 }), 'file/zip'],
  [52, 'a zip64 locator that points elsewhere', sound({ locatorOffset: 0 }), 'file/zip'],
  [52, 'a count beyond the entries', sound({ count: 9 }), 'file/zip'],
  [52, 'a count below the entries', sound({ count: 1 }), 'file/zip'],
  [52, 'a directory that is longer than said', sound({ directoryLength: 3 }), 'file/zip'],
  [52, 'the encrypted flag', change('data/0', { flags: 0x809 }), 'file/zip-method'],
  [52, 'half of the file', whole.slice(0, whole.length >> 1), 'file/truncated'],
  [52, 'one byte short', whole.slice(0, -1), 'file/truncated'],
]

/** What lies in the file beside the data is looked at with it. */
async function openAndRead(bytes: Uint8Array): Promise<void> {
  const checkpoint = await open(bytes)
  for (const tensor of checkpoint.tensors.values()) await checkpoint.read(tensor, 0, tensor.byteLength)
}

describe('each fault of a .pth has its code and a sentence', () => {
  test.each(FAULTS)('fault %i: %s', async (_, __, bytes, code) => {
    const start = cpuMs()
    const error = await openAndRead(bytes).then(
      () => 'accepted',
      (reason: unknown) => reason,
    )
    expect(error).toMatchObject({ code, message: expect.stringMatching(/^m\.pth.+\.$/) })
    expect(String(error).length).toBeLessThan(700)
    expect(cpuMs() - start).toBeLessThan(1000)
  })
})
