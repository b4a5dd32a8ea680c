// What the heads of RWKV-5, 6 and 7 say, as a group norm leaves it.

import { normalize } from '../rows'

/** Of a head's `y`, f32 (head), in place; `scale` and `bias` are the head's. */
@inline
export function groupNorm(y: usize, head: i32, scale: usize, bias: usize): void {
  normalize(y, head, 64e-5, scale, bias, y)
}
