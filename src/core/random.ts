/**
 * @file Random numbers that are a pure function of where they are drawn: the same on CPU and GPU, in any order.
 * Source: pcg4d of Jarzynski and Olano, "Hash Functions for GPU Rendering", JCGT 9(3), 2020.
 */

/** Four u32 in, four well-mixed u32 out. */
export function pcg4d(x: number, y: number, z: number, w: number): [number, number, number, number] {
  const step = (value: number) => (Math.imul(value, 1664525) + 1013904223) >>> 0
  let [a, b, c, d] = [step(x), step(y), step(z), step(w)]
  const stir = () => {
    a = (a + Math.imul(b, d)) >>> 0
    b = (b + Math.imul(c, a)) >>> 0
    c = (c + Math.imul(a, b)) >>> 0
    d = (d + Math.imul(b, c)) >>> 0
  }
  stir()
  a = (a ^ (a >>> 16)) >>> 0
  b = (b ^ (b >>> 16)) >>> 0
  c = (c ^ (c >>> 16)) >>> 0
  d = (d ^ (d >>> 16)) >>> 0
  stir()
  return [a, b, c, d]
}

/** Where a number is drawn. */
export interface Draw {
  /** 0 … 2^53 - 1. */
  readonly seed: number
  /** u32: which sequence of the seed. */
  readonly stream: number
  /** u32: place in the sequence. */
  readonly index: number
}

/** A number from 0 up to but not including 1, in steps of 2^-24, so that f32 holds it exactly. */
export function uniform({ seed, stream, index }: Draw): number {
  const [bits] = pcg4d(seed >>> 0, Math.floor(seed / 2 ** 32), stream, index)
  return (bits >>> 8) / 2 ** 24
}

/** A seed by chance, 0 … 2^53 - 1, from the platform's source of randomness. */
export function randomSeed(): number {
  const [low = 0, high = 0] = crypto.getRandomValues(new Uint32Array(2))
  return (high % 2 ** 21) * 2 ** 32 + low
}
