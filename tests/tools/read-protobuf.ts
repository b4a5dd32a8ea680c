/** @file Reading protocol buffers, for tests: fields by number, in order, as raw as they are. */

/** Field number -> its values: varints as bigint, the rest as bytes. */
export type Fields = ReadonlyMap<number, readonly (bigint | Uint8Array<ArrayBuffer>)[]>

/** Read a message. @throws SyntaxError for what a writer of ours never writes, or if it ends early */
export function readMessage(bytes: Uint8Array<ArrayBuffer>): Fields {
  const fields = new Map<number, (bigint | Uint8Array<ArrayBuffer>)[]>()
  let at = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]
      if (byte === undefined || shift > 63n) throw new SyntaxError(`a varint breaks off at ${at}`)
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  const take = (length: number) => {
    if (at + length > bytes.length) throw new SyntaxError(`${length} bytes at ${at} of ${bytes.length}`)
    at += length
    return bytes.slice(at - length, at)
  }
  while (at < bytes.length) {
    const tag = Number(varint())
    const [number, wire] = [tag >> 3, tag & 7]
    let value: bigint | Uint8Array<ArrayBuffer>
    if (wire === 0) value = varint()
    else if (wire === 2) value = take(Number(varint()))
    else if (wire === 5) value = take(4)
    else throw new SyntaxError(`wire type ${wire} at ${at}`)
    fields.set(number, [...(fields.get(number) ?? []), value])
  }
  return fields
}
