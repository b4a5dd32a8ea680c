/** @file Builds .pth files in memory: the pickle as torch.save writes it, and the archive around it. */

import { concat } from './safetensors-bytes.ts'
import { buildZip, type RecordToWrite, type ZipOptions, zipParts } from './zip-bytes.ts'

/** Pickle instructions, as bytes. */
export const op = {
  proto: (version = 2) => Uint8Array.of(0x80, version),
  dict: Uint8Array.of(0x7d),
  list: Uint8Array.of(0x5d),
  mark: Uint8Array.of(0x28),
  tuple: Uint8Array.of(0x74),
  tuple1: Uint8Array.of(0x85),
  tuple2: Uint8Array.of(0x86),
  emptyTuple: Uint8Array.of(0x29),
  setItem: Uint8Array.of(0x73),
  setItems: Uint8Array.of(0x75),
  append: Uint8Array.of(0x61),
  appends: Uint8Array.of(0x65),
  persistentId: Uint8Array.of(0x51),
  reduce: Uint8Array.of(0x52),
  build: Uint8Array.of(0x62),
  false: Uint8Array.of(0x89),
  none: Uint8Array.of(0x4e),
  stop: Uint8Array.of(0x2e),
  put: (index: number) => Uint8Array.of(0x71, index),
  get: (index: number) => Uint8Array.of(0x68, index),
  text: (value: string, length = new TextEncoder().encode(value).length) =>
    concat([Uint8Array.of(0x58), u32(length), new TextEncoder().encode(value)]),
  global: (module: string, name: string) => new TextEncoder().encode(`c${module}\n${name}\n`),
  /** BININT within 32 bits, LONG1 beyond. */
  integer: (value: number) =>
    value === (value | 0)
      ? concat([Uint8Array.of(0x4a), u32(value)])
      : concat([Uint8Array.of(0x8a, 8), new Uint8Array(BigInt64Array.of(BigInt(value)).buffer)]),
} as const

function u32(value: number): Uint8Array {
  return new Uint8Array(Int32Array.of(value).buffer)
}

/** A tensor to write, and how its view is to differ from a plain one. */
export interface PthTensor {
  readonly name: string
  /** `FloatStorage`, `HalfStorage`, … */
  readonly type: string
  readonly shape: readonly number[]
  /** Key of its storage; by default its index. Tensors of one key share the storage of the first. */
  readonly key?: string
  readonly strides?: readonly number[]
  readonly storageOffset?: number
  /** Elements the storage is said to have; by default those of `data`. */
  readonly elements?: number
  readonly data: Uint8Array
  readonly isParameter?: boolean
}

/** How the file is to differ. */
export interface PthOptions extends ZipOptions {
  /** In place of the true pickle. */
  readonly pickle?: Uint8Array
  readonly ordered?: boolean
  /** The dict carries `_metadata`, as the state of a module does. */
  readonly metadata?: boolean
  /** Changes the records before they are written. */
  readonly records?: (records: RecordToWrite[]) => RecordToWrite[]
  readonly folder?: string
}

const ELEMENT_BYTES: Readonly<Record<string, number>> = {
  DoubleStorage: 8,
  LongStorage: 8,
  FloatStorage: 4,
  IntStorage: 4,
  HalfStorage: 2,
  BFloat16Storage: 2,
  ShortStorage: 2,
}

/** Bytes of an element of a storage type. */
export const elementBytes = (type: string): number => ELEMENT_BYTES[type] ?? 1

const integers = (values: readonly number[]) => concat([op.mark, ...values.map(op.integer), op.tuple])

/** Instructions that leave a tensor. */
export function tensorOps(tensor: PthTensor, key: string): Uint8Array {
  const { type, shape, data, elements = data.length / elementBytes(type) } = tensor
  const strides = tensor.strides ?? shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1))
  const storage = [op.text('storage'), op.global('torch', type), op.text(key), op.text('cpu'), op.integer(elements)]
  const hooks = [op.global('collections', 'OrderedDict'), op.emptyTuple, op.reduce]
  const rebuilt = concat([
    ...[op.global('torch._utils', '_rebuild_tensor_v2'), op.mark],
    ...[op.mark, ...storage, op.tuple, op.persistentId],
    ...[
      op.integer(tensor.storageOffset ?? 0),
      integers(shape),
      integers(strides),
      op.false,
      ...hooks,
      op.tuple,
      op.reduce,
    ],
  ])
  if (!tensor.isParameter) return rebuilt
  const parameter = [op.global('torch._utils', '_rebuild_parameter'), op.mark]
  return concat([...parameter, rebuilt, op.false, ...hooks, op.tuple, op.reduce])
}

/** A whole pickle: a dict of the tensors. */
export function pickleOf(tensors: readonly PthTensor[], { ordered, metadata }: PthOptions = {}): Uint8Array {
  const newDict = ordered || metadata ? [op.global('collections', 'OrderedDict'), op.emptyTuple, op.reduce] : [op.dict]
  const items = tensors.flatMap((tensor, i) => [op.text(tensor.name), tensorOps(tensor, tensor.key ?? String(i))])
  const state = metadata ? [op.dict, op.text('_metadata'), op.dict, op.setItem, op.build] : []
  return concat([op.proto(), ...newDict, op.put(0), op.mark, ...items, op.setItems, ...state, op.stop])
}

function recordsOf(tensors: readonly PthTensor[], options: PthOptions): RecordToWrite[] {
  const { folder = 'model', pickle = pickleOf(tensors, options), records = (all) => all } = options
  const storages = new Map<string, Uint8Array>()
  tensors.forEach(({ key, data }, i) => {
    const own = key ?? String(i)
    if (!storages.has(own)) storages.set(own, data)
  })
  return records([
    { name: `${folder}/data.pkl`, data: pickle },
    ...Array.from(storages, ([key, data]) => ({ name: `${folder}/data/${key}`, data })),
    { name: `${folder}/version`, data: new TextEncoder().encode('3\n') },
  ])
}

/** The bytes of a .pth of `tensors`. */
export function buildPth(tensors: readonly PthTensor[], options: PthOptions = {}): Uint8Array<ArrayBuffer> {
  return buildZip(recordsOf(tensors, options), options)
}

/** As `buildPth`, in parts, for large models. */
export function pthParts(tensors: readonly PthTensor[], options: PthOptions = {}): Uint8Array[] {
  return zipParts(recordsOf(tensors, options), options)
}
