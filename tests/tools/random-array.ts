/** @file Seeded test data. */

/** `length` numbers spread evenly over ±`scale`; the same seed gives the same numbers. */
export function randomArray(seed: number, length: number, scale = 1): Float32Array<ArrayBuffer> {
  let state = seed >>> 0
  return Float32Array.from({ length }, () => {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 31 - 1) * scale
  })
}
