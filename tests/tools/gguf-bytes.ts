/** @file Builds GGUF files in memory, sound ones and, by the options, damaged ones. */

import { concat } from './safetensors-bytes.ts'

/** A tensor to write: `shape` outermost first, `type` as the format numbers it, `bytes` as they lie in the file. */
export interface GgufTensorToWrite {
  readonly name: string
  readonly type: number
  readonly shape: readonly (number | bigint)[]
  readonly bytes: Uint8Array
  /** In place of the true one. */
  readonly offset?: bigint
}

/** An entry of the metadata: its type and the bytes of its value, see `u32`, `text` and `list`. */
export type GgufEntry = readonly [key: string, type: number, value: Uint8Array]

/** How the file is to differ from the plainest one. */
export interface BuildGguf {
  readonly metadata?: readonly GgufEntry[]
  readonly version?: Uint8Array
  /** In place of the true numbers. */
  readonly tensorCount?: bigint
  readonly metadataCount?: bigint
  readonly alignment?: number
}

const integer = (value: bigint, byteLength: number) =>
  Uint8Array.from({ length: byteLength }, (_, i) => Number((value >> BigInt(8 * i)) & 255n))
export const u32 = (value: number) => integer(BigInt(value), 4)
export const u64 = (value: number | bigint) => integer(BigInt(value), 8)
/** The bytes of a text; `byteLength` in place of its true length. */
export const text = (value: string, byteLength?: bigint) => {
  const bytes = new TextEncoder().encode(value)
  return concat([u64(byteLength ?? bytes.length), bytes])
}
export const list = (type: number, items: readonly Uint8Array[], count?: bigint) =>
  concat([u32(type), u64(count ?? items.length), ...items])
/** What makes a file one of RWKV-7. */
export const RWKV7: readonly GgufEntry[] = [
  ['general.architecture', 8, text('rwkv7')],
  ['rwkv7.wkv.head_size', 4, u32(2)],
]

const padding = (length: number, alignment: number) => new Uint8Array((alignment - (length % alignment)) % alignment)

/** The bytes of a GGUF file of `tensors`, in their order. */
export function buildGguf(
  tensors: readonly GgufTensorToWrite[],
  { metadata = RWKV7, version = u32(3), alignment = 32, ...counts }: BuildGguf = {},
): Uint8Array<ArrayBuffer> {
  const data: Uint8Array[] = []
  let end = 0
  const table = tensors.map(({ name, type, shape, bytes, offset }) => {
    const at = offset ?? BigInt(end)
    const pad = padding(bytes.length, alignment)
    data.push(bytes, pad)
    end += bytes.length + pad.length
    return concat([text(name), u32(shape.length), ...shape.toReversed().map(u64), u32(type), u64(at)])
  })
  const head = concat([
    new TextEncoder().encode('GGUF'),
    version,
    u64(counts.tensorCount ?? tensors.length),
    u64(counts.metadataCount ?? metadata.length),
    ...metadata.flatMap(([key, type, value]) => [text(key), u32(type), value]),
    ...table,
  ])
  return concat([head, padding(head.length, alignment), ...data])
}
