/** @file Which ids may be drawn, as bits. */

/**
 * u32 (⌈V / 32⌉): bit id % 32 of word id / 32 is set if the id may be drawn.
 * @param allowed where given, only these may
 * @param banned lists of those that may not, allowed or not
 */
export function createMask(
  V: number,
  {
    allowed,
    banned,
  }: { readonly allowed?: readonly number[] | undefined; readonly banned: readonly (readonly number[])[] },
): Uint32Array<ArrayBuffer> {
  const mask = new Uint32Array(Math.ceil(V / 32)).fill(allowed ? 0 : 0xffffffff)
  const word = (id: number) => mask[id >>> 5] as number
  for (const id of allowed ?? []) mask[id >>> 5] = word(id) | (1 << (id & 31))
  for (const ids of banned) for (const id of ids) mask[id >>> 5] = word(id) & ~(1 << (id & 31))
  return mask
}

/** The score of every id whose bit is not set becomes that of an impossible one. */
export function keepMasked(scores: Float32Array, mask: Uint32Array): void {
  for (let id = 0; id < scores.length; id++)
    if (((mask[id >>> 5] as number) & (1 << (id & 31))) === 0) scores[id] = -Infinity
}
