/**
 * @file A reader for the pickles that torch.save writes (protocol 2), and for nothing else. A pickle is a program; this
 * machine knows the few instructions that a table of tensors needs. Names of Python functions are compared with a list
 * and become marks in the result: nothing is ever called, made or looked up by a name.
 * Source: the comments of CPython's pickletools.py.
 */

import { type ErrorCode, RwkvError } from '../../core/errors.ts'

/** What a pickle can hold here. Numbers are as JavaScript has them; integers are exact. */
export type PickleValue =
  | null
  | boolean
  | number
  | string
  | PickleTuple
  | PickleList
  | PickleDict
  | PickleGlobal
  | PickleStorage
  | PickleTensor

/** A tuple; `depth` counts the containers inside one another. */
export interface PickleTuple {
  readonly kind: 'tuple'
  readonly items: readonly PickleValue[]
  readonly depth: number
}

/** A list. */
export interface PickleList {
  readonly kind: 'list'
  readonly items: PickleValue[]
}

/** A dict or an OrderedDict. */
export interface PickleDict {
  readonly kind: 'dict'
  readonly entries: Map<PickleValue, PickleValue>
}

/** One of the allowed names. */
export interface PickleGlobal {
  readonly kind: 'global'
  readonly name: string
}

/** Memory of tensors: which record of the archive, how its elements are written, and how many. */
export interface PickleStorage {
  readonly kind: 'storage'
  /** Such as `FloatStorage`. */
  readonly type: string
  readonly key: string
  readonly elements: number
}

/** A view of a storage; sizes and strides in elements. Not yet checked against the storage. */
export interface PickleTensor {
  readonly kind: 'tensor'
  readonly storage: PickleStorage
  readonly storageOffset: number
  readonly shape: readonly number[]
  readonly strides: readonly number[]
}

const ORDERED_DICT = 'collections.OrderedDict'
const REBUILD_TENSOR = 'torch._utils._rebuild_tensor_v2'
const REBUILD_PARAMETER = 'torch._utils._rebuild_parameter'

const ALLOWED_NAMES: ReadonlySet<string> = new Set([
  ORDERED_DICT,
  REBUILD_TENSOR,
  REBUILD_PARAMETER,
  ...['Float', 'Half', 'BFloat16', 'Double', 'Long', 'Int', 'Short', 'Char', 'Byte', 'Bool'].map(
    (type) => `torch.${type}Storage`,
  ),
])

const MOST_OPERATIONS = 2_000_000 // a model of 40 layers takes 30,000
const MOST_DEPTH = 32
const MOST_MARKS = 256
const MOST_NAME_BYTES = 256

/**
 * Run a pickle and give what it leaves. Linear in the length of `bytes`, and allocates in proportion to them.
 * @param file name, for messages
 * @throws RwkvError `file/pickle` (another protocol, or it leaves too much), `file/pickle-cut`, `file/pickle-global`,
 * `file/pickle-opcode`, `file/pickle-operand`, `file/pickle-limit`, `file/duplicate-name`.
 */
export function parsePickle(bytes: Uint8Array, file: string): PickleValue {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const memo = new Map<number, PickleValue>()
  const stack: PickleValue[] = []
  const marks: number[] = []
  let at = 0
  let operations = 0

  const fail = (code: ErrorCode, found: string): RwkvError =>
    new RwkvError(
      code,
      `${file}: byte ${at} of its pickle: ${found}. Nothing of it was run; take the model from a source you trust, best as .safetensors.`,
    )

  /** Start of the next `length` bytes, which are then behind us. */
  const skip = (length: number): number => {
    if (length > bytes.length - at) {
      throw fail('file/pickle-cut', `${length} more bytes were expected, ${bytes.length - at} are there`)
    }
    at += length
    return at - length
  }
  const u8 = (): number => view.getUint8(skip(1))
  const u32 = (): number => view.getUint32(skip(4), true)

  const text = (length: number): string => {
    const start = skip(length)
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(start, at))
    } catch {
      throw fail('file/pickle-operand', 'a text that is not UTF-8')
    }
  }
  const line = (): string => {
    const end = bytes.subarray(at, at + MOST_NAME_BYTES).indexOf(0x0a)
    if (end < 0) throw fail('file/pickle-cut', `a name does not end within ${MOST_NAME_BYTES} bytes`)
    const found = text(end)
    skip(1)
    return found
  }

  const floor = (): number => marks.at(-1) ?? 0
  const pop = (): PickleValue => {
    if (stack.length <= floor()) throw fail('file/pickle-operand', 'an operation without its operand')
    return stack.pop() as PickleValue
  }
  const top = (): PickleValue => {
    if (stack.length <= floor()) throw fail('file/pickle-operand', 'an operation without its operand')
    return stack.at(-1) as PickleValue
  }
  const popMarked = (): PickleValue[] => {
    const mark = marks.pop()
    if (mark === undefined) throw fail('file/pickle-operand', 'an operation that needs a mark, without one')
    return stack.splice(mark)
  }
  const remember = (index: number): void => {
    memo.set(index, top())
  }
  const recall = (index: number): void => {
    const value = memo.get(index)
    if (value === undefined) throw fail('file/pickle-operand', `memory ${index} is used before it is filled`)
    stack.push(value)
  }

  const tuple = (items: PickleValue[]): PickleTuple => {
    let depth = 1
    for (const item of items) if (isTuple(item)) depth = Math.max(depth, item.depth + 1)
    if (depth > MOST_DEPTH) throw fail('file/pickle-limit', `tuples lie deeper than ${MOST_DEPTH} in one another`)
    return { kind: 'tuple', items, depth }
  }
  const popItems = (count: number): PickleValue[] => Array.from({ length: count }, pop).reverse()

  const setItems = (items: readonly PickleValue[]): void => {
    const dict = top()
    if (!isDict(dict)) throw fail('file/pickle-operand', `a key is set in ${describe(dict)}; expected a dict`)
    if (items.length % 2) throw fail('file/pickle-operand', 'a key is set without a value')
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i] as PickleValue
      if (typeof key !== 'string' && typeof key !== 'number') {
        throw fail('file/pickle-operand', `${describe(key)} is used as a key; expected a text`)
      }
      if (dict.entries.has(key))
        throw fail('file/duplicate-name', `key ${JSON.stringify(key).slice(0, 80)} stands twice`)
      dict.entries.set(key, items[i + 1] as PickleValue)
    }
  }
  const append = (items: readonly PickleValue[]): void => {
    const list = top()
    if (!isList(list)) throw fail('file/pickle-operand', `a value is appended to ${describe(list)}; expected a list`)
    for (const item of items) list.items.push(item)
  }

  const global = (): PickleGlobal => {
    const name = `${line()}.${line()}`
    if (ALLOWED_NAMES.has(name)) return { kind: 'global', name }
    throw fail(
      'file/pickle-global',
      `it names ${JSON.stringify(name)}, which is not one of the few things a table of tensors needs`,
    )
  }

  /** What a call would make, for the three calls that mean data. */
  const reduce = (): PickleValue => {
    const args = pop()
    const callee = pop()
    if (!isGlobal(callee) || !isTuple(args)) {
      throw fail(
        'file/pickle-operand',
        `${describe(callee)} is called with ${describe(args)}; expected a name and a tuple`,
      )
    }
    const { items } = args
    if (callee.name === ORDERED_DICT && items.length === 0) return { kind: 'dict', entries: new Map() }
    if (callee.name === REBUILD_PARAMETER && items.length === 3 && isTensor(items[0])) return items[0]
    if (callee.name === REBUILD_TENSOR && (items.length === 6 || items.length === 7)) {
      const [storage, storageOffset, shape, strides] = items
      if (isStorage(storage) && isIndex(storageOffset) && isIndexTuple(shape) && isNumberTuple(strides)) {
        return { kind: 'tensor', storage, storageOffset, shape: shape.items, strides: strides.items }
      }
      if (isStorage(storage) && isNumberTuple(shape) && isNumberTuple(strides)) {
        throw fail('file/strides', `a tensor of shape (${shape.items}) begins at element ${describe(storageOffset)}`)
      }
    }
    throw fail('file/pickle-operand', `${callee.name} has arguments it does not take`)
  }

  const storage = (): PickleStorage => {
    const id = pop()
    const [kind, type, key, , elements] = isTuple(id) ? id.items : []
    const isSound =
      kind === 'storage' &&
      isGlobal(type) &&
      type.name.endsWith('Storage') &&
      typeof key === 'string' &&
      isIndex(elements)
    if (!isSound)
      throw fail(
        'file/pickle-operand',
        `${describe(id)} stands for a storage; expected (storage, type, key, place, size)`,
      )
    return { kind: 'storage', type: type.name.slice('torch.'.length), key, elements }
  }

  /** OrderedDicts of modules carry an attribute `_metadata`; it says nothing about the tensors. */
  const build = (): void => {
    const state = pop()
    const target = top()
    const isMetadata = isDict(state) && [...state.entries.keys()].every((key) => key === '_metadata')
    if (!isDict(target) || !isMetadata) {
      throw fail(
        'file/pickle-operand',
        `${describe(target)} is given a state; expected at most the _metadata of a dict`,
      )
    }
  }

  const bigInteger = (): number => {
    const start = skip(u8())
    let value = 0n
    for (let i = at - 1; i >= start; i--) value = (value << 8n) | BigInt(bytes[i] as number)
    const bits = BigInt(8 * (at - start))
    if (bits > 0n && value >> (bits - 1n)) value -= 1n << bits
    const number = Number(value)
    if (!Number.isSafeInteger(number)) throw fail('file/pickle-operand', 'an integer beyond 2^53')
    return number
  }

  const operate: ReadonlyMap<number, () => void> = new Map<number, () => void>([
    [0x7d, () => stack.push({ kind: 'dict', entries: new Map() })], // EMPTY_DICT
    [0x5d, () => stack.push({ kind: 'list', items: [] })], // EMPTY_LIST
    [0x29, () => stack.push(tuple([]))], // EMPTY_TUPLE
    [0x85, () => stack.push(tuple(popItems(1)))], // TUPLE1
    [0x86, () => stack.push(tuple(popItems(2)))], // TUPLE2
    [0x87, () => stack.push(tuple(popItems(3)))], // TUPLE3
    [0x74, () => stack.push(tuple(popMarked()))], // TUPLE
    [0x28, () => mark()], // MARK
    [0x71, () => remember(u8())], // BINPUT
    [0x72, () => remember(u32())], // LONG_BINPUT
    [0x68, () => recall(u8())], // BINGET
    [0x6a, () => recall(u32())], // LONG_BINGET
    [0x58, () => stack.push(text(u32()))], // BINUNICODE
    [0x63, () => stack.push(global())], // GLOBAL
    [0x51, () => stack.push(storage())], // BINPERSID
    [0x52, () => stack.push(reduce())], // REDUCE
    [0x62, build], // BUILD
    [0x73, () => setItems(popItems(2))], // SETITEM
    [0x75, () => setItems(popMarked())], // SETITEMS
    [0x61, () => append(popItems(1))], // APPEND
    [0x65, () => append(popMarked())], // APPENDS
    [0x4a, () => stack.push(view.getInt32(skip(4), true))], // BININT
    [0x4b, () => stack.push(u8())], // BININT1
    [0x4d, () => stack.push(view.getUint16(skip(2), true))], // BININT2
    [0x8a, () => stack.push(bigInteger())], // LONG1
    [0x47, () => stack.push(view.getFloat64(skip(8), false))], // BINFLOAT
    [0x88, () => stack.push(true)], // NEWTRUE
    [0x89, () => stack.push(false)], // NEWFALSE
    [0x4e, () => stack.push(null)], // NONE
  ])
  const mark = (): void => {
    if (marks.length === MOST_MARKS) throw fail('file/pickle-limit', `more than ${MOST_MARKS} marks are open`)
    marks.push(stack.length)
  }

  if (bytes.length < 2 || bytes[0] !== 0x80 || bytes[1] !== 2) {
    throw fail('file/pickle', `it is not of protocol 2, the one torch.save writes`)
  }
  at = 2
  for (;;) {
    const opcode = u8()
    if (opcode === 0x2e) break // STOP
    const run = operate.get(opcode)
    if (!run) {
      throw fail(
        'file/pickle-opcode',
        `instruction 0x${opcode.toString(16).padStart(2, '0')} is not one that torch.save writes`,
      )
    }
    operations++
    if (operations > MOST_OPERATIONS)
      throw fail('file/pickle-limit', `it has more than ${MOST_OPERATIONS} instructions`)
    run()
  }
  const [result] = stack
  if (at !== bytes.length) throw fail('file/pickle', `${bytes.length - at} bytes follow its end`)
  if (result === undefined || stack.length !== 1 || marks.length > 0) {
    throw fail('file/pickle-operand', `it leaves ${stack.length} values; expected one`)
  }
  return result
}

type Kinds = Exclude<PickleValue, null | boolean | number | string>

function kindOf(value: PickleValue | undefined): Kinds['kind'] | undefined {
  return typeof value === 'object' && value !== null ? value.kind : undefined
}

function isTuple(value: PickleValue | undefined): value is PickleTuple {
  return kindOf(value) === 'tuple'
}
function isList(value: PickleValue): value is PickleList {
  return kindOf(value) === 'list'
}
function isGlobal(value: PickleValue | undefined): value is PickleGlobal {
  return kindOf(value) === 'global'
}
function isStorage(value: PickleValue | undefined): value is PickleStorage {
  return kindOf(value) === 'storage'
}

/** True for a dict. */
export function isDict(value: PickleValue): value is PickleDict {
  return kindOf(value) === 'dict'
}

/** True for a tensor. */
export function isTensor(value: PickleValue | undefined): value is PickleTensor {
  return kindOf(value) === 'tensor'
}

function isIndex(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
function isIndexTuple(value: PickleValue | undefined): value is PickleTuple & { readonly items: readonly number[] } {
  return isTuple(value) && value.items.every(isIndex)
}
function isNumberTuple(value: PickleValue | undefined): value is PickleTuple & { readonly items: readonly number[] } {
  return isTuple(value) && value.items.every((item) => typeof item === 'number' && Number.isSafeInteger(item))
}

/** A value for a message. */
function describe(value: PickleValue | undefined): string {
  if (value === undefined) return 'nothing'
  const kind = kindOf(value)
  if (isGlobal(value)) return value.name
  if (kind) return `a ${kind}`
  return typeof value === 'string' ? 'a text' : String(value)
}
