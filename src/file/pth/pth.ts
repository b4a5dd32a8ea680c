/**
 * @file PyTorch checkpoints, as the official RWKV-4 weights are: a zip archive of a pickle, which names the tensors and
 * says how they lie in storages, and of one record a storage. The pickle is read by a machine that calls nothing
 * (`pickle.ts`); every view is checked against its storage before it can be read. Source: torch/serialization.py and
 * torch/_utils.py of PyTorch 2, which write this layout.
 */

import { type ErrorCode, RwkvError } from '../../core/errors.ts'
import { type ByteSource, withReadAhead } from '../byte-source.ts'
import { type Checkpoint, checkInside, isReadable, type TensorEntry, type UnreadableTensor } from '../tensor.ts'
import { isDict, isTensor, type PickleDict, type PickleTensor, type PickleValue, parsePickle } from './pickle.ts'
import { gather, type StridedView, spanOf } from './strided.ts'
import { openZip, type ZipRecord } from './zip.ts'

const PICKLE_CAP = 16 * 1024 * 1024
const MOST_AXES = 8

/** Storage types -> element types and their bytes. */
const STORAGES: ReadonlyMap<string, { readonly dtype: string; readonly byteLength: number }> = new Map([
  ['FloatStorage', { dtype: 'F32', byteLength: 4 }],
  ['HalfStorage', { dtype: 'F16', byteLength: 2 }],
  ['BFloat16Storage', { dtype: 'BF16', byteLength: 2 }],
  ['DoubleStorage', { dtype: 'F64', byteLength: 8 }],
  ['LongStorage', { dtype: 'I64', byteLength: 8 }],
  ['IntStorage', { dtype: 'I32', byteLength: 4 }],
  ['ShortStorage', { dtype: 'I16', byteLength: 2 }],
  ['CharStorage', { dtype: 'I8', byteLength: 1 }],
  ['ByteStorage', { dtype: 'U8', byteLength: 1 }],
  ['BoolStorage', { dtype: 'BOOL', byteLength: 1 }],
])

type Fail = (code: ErrorCode, found: string) => RwkvError

/**
 * Read the table of tensors of a .pth or pytorch_model.bin; reads the directory and the pickle only. The
 * tensors may lie one level down, as in `{ state_dict: … }`. A tensor whose elements lie in row-major order is
 * read as it lies; another view is gathered, which reads the whole span of the slice in parts of a few MiB. What is wrong with
 * the place of a tensor is found as it is read.
 * @throws RwkvError all of `openZip` and `parsePickle`; `file/unsupported` for an archive that holds no pickle and for a
 * model that ChatRWKV converted, `file/header-shape` where it holds no dict or several, `file/record`, `file/storage`,
 * `file/strides`, `file/shape`.
 */
export async function openPth(source: ByteSource): Promise<Checkpoint> {
  const { name: file, byteLength } = source
  const fail: Fail = (code, found) =>
    new RwkvError(code, `${file} is not a sound .pth: ${found}. Take the model from its source again.`)
  const records = await openZip(source)
  const { pickle, folder } = findPickle(records, file)
  if (pickle.byteLength > PICKLE_CAP) {
    throw fail('file/pickle-limit', `its pickle has ${pickle.byteLength} bytes; expected at most ${PICKLE_CAP}`)
  }
  await checkByteOrder(source, records.get(`${folder}byteorder`), fail)
  await pickle.check(source.read)
  const root = parsePickle(await source.read(pickle.offset, pickle.byteLength), file)
  if (!isDict(root)) throw fail('file/header-shape', 'it does not hold a dict of tensors')
  refuseConverted(root, file)

  const tensors = new Map<string, TensorEntry>()
  const unreadable = new Map<string, UnreadableTensor>()
  const places = new Map<string, { readonly record: ZipRecord; readonly view: StridedView | undefined }>()
  for (const [name, value] of findTensors(root, fail).entries) {
    if (typeof name !== 'string' || !isTensor(value)) continue // such as a step count beside the weights
    const { entry, ...place } = checkTensor({ name, tensor: value, records, folder, fail })
    if (isReadable(entry)) {
      tensors.set(name, entry)
      places.set(name, place)
    } else unreadable.set(name, entry)
  }
  const ahead = withReadAhead(source)
  return {
    file,
    byteLength,
    format: 'pth',
    tensors,
    unreadable,
    async read(tensor, byteOffset, length) {
      checkInside(tensor, byteOffset, length)
      const { record, view } = places.get(tensor.name) ?? {}
      await record?.check(ahead.read)
      if (!view) return ahead.read(tensor.offset + byteOffset, length)
      return gather({ source: ahead, view, byteOffset, byteLength: length })
    },
  }
}

/** ChatRWKV's converter leaves a note in the dict whose matrices it has transposed, rescaled or quantised. */
function refuseConverted({ entries }: PickleDict, file: string): void {
  const strategy = entries.get('_strategy')
  if (strategy === undefined) return
  throw new RwkvError(
    'file/unsupported',
    `${file} was converted by ChatRWKV for the strategy ${JSON.stringify(strategy).slice(0, 80)}: its matrices are no longer as they were trained. Take the file it was converted from.`,
  )
}

/** Where trainers keep the weights beside their own state, the surest first. */
const STATE_DICTS = ['state_dict', 'model_state_dict', 'model', 'module']

/** The dict of tensors: the root, or one that lies in it. */
function findTensors(root: PickleDict, fail: Fail): PickleDict {
  const inside = [...root.entries].filter((entry): entry is [PickleValue, PickleDict] => holdsTensors(entry[1]))
  const [first] = STATE_DICTS.flatMap((key) => inside.filter(([name]) => name === key))
  if (first) return first[1]
  if (holdsTensors(root)) return root
  if (inside.length > 1) {
    const names = inside.map(([name]) => String(name)).join(', ')
    throw fail('file/header-shape', `it holds several dicts of tensors (${names.slice(0, 200)}); expected one`)
  }
  return inside[0]?.[1] ?? root
}

function holdsTensors(value: PickleValue): value is PickleDict {
  return isDict(value) && [...value.entries.values()].some(isTensor)
}

/** The one `FOLDER/data.pkl`; its folder has the name the file had when it was saved. */
function findPickle(records: ReadonlyMap<string, ZipRecord>, file: string) {
  const found = [...records.values()].filter(({ name }) => /^[^/]+\/data\.pkl$/.test(name))
  const [pickle] = found
  if (!pickle || found.length > 1) {
    throw new RwkvError(
      'file/unsupported',
      `${file} is a zip archive with ${found.length} records named data.pkl; expected the one of a PyTorch checkpoint. Take the .pth or .safetensors file of the model.`,
    )
  }
  return { pickle, folder: pickle.name.slice(0, -'data.pkl'.length) }
}

async function checkByteOrder(source: ByteSource, record: ZipRecord | undefined, fail: Fail): Promise<void> {
  if (!record) return
  await record.check(source.read)
  const bytes = await source.read(record.offset, Math.min(record.byteLength, 16))
  const order = String.fromCharCode(...bytes)
  if (order !== 'little') throw fail('file/storage', `its byte order is ${JSON.stringify(order)}; expected "little"`)
}

interface CheckTensor {
  readonly name: string
  readonly tensor: PickleTensor
  readonly records: ReadonlyMap<string, ZipRecord>
  readonly folder: string
  readonly fail: Fail
}

/** The tensor as an entry, its record, and its view where its elements do not lie one after another. */
function checkTensor({ name, tensor, records, folder, fail: failFile }: CheckTensor) {
  const fail: Fail = (code, found) => failFile(code, `tensor ${JSON.stringify(name.slice(0, 80))} ${found}`)
  const { storage, storageOffset, shape, strides } = tensor
  const type = STORAGES.get(storage.type)
  if (!type) throw fail('file/dtype', `has storage type ${storage.type}`)
  if (!/^\d{1,9}$/.test(storage.key)) {
    throw fail('file/record', `lies in storage ${JSON.stringify(storage.key.slice(0, 80))}; expected a number`)
  }
  const record = records.get(`${folder}data/${storage.key}`)
  if (!record) throw fail('file/record', `lies in record ${folder}data/${storage.key}, which the archive does not have`)
  if (storage.elements * type.byteLength !== record.byteLength) {
    throw fail(
      'file/storage',
      `lies in a storage of ${storage.elements} ${type.dtype} elements, but record ${record.name} has ${record.byteLength} bytes`,
    )
  }
  if (shape.length > MOST_AXES) throw fail('file/shape', `has ${shape.length} axes; expected at most ${MOST_AXES}`)
  const elements = shape.reduce((product, size) => product * size, 1)
  if (!Number.isSafeInteger(elements)) throw fail('file/shape', `has over 2^53 elements`)

  const isSound =
    strides.length === shape.length &&
    strides.every((stride, axis) => stride > 0 || (stride === 0 && (shape[axis] ?? 0) <= 1))
  const span = isSound ? spanOf(shape, strides) : Number.NaN
  if (!(storageOffset + span <= storage.elements && elements <= storage.elements)) {
    throw fail(
      'file/strides',
      `of shape (${shape}) and strides (${strides}) from element ${storageOffset} does not lie in its storage of ${storage.elements}`,
    )
  }
  const offset = record.offset + storageOffset * type.byteLength
  const entry: TensorEntry | UnreadableTensor = {
    name,
    dtype: type.dtype,
    shape,
    offset,
    byteLength: elements * type.byteLength,
  }
  const isDense = span === elements && isRowMajor(shape, strides)
  const view: StridedView | undefined = isDense
    ? undefined
    : { offset, shape, strides, elementByteLength: type.byteLength }
  return { entry, record, view }
}

/** True where the elements lie in the order of their indices; axes of length 1 may have any stride. */
function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] ?? 1
    if (size === 0) return true
    if (size !== 1 && strides[axis] !== expected) return false
    expected *= size
  }
  return true
}
