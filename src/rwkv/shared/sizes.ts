/** @file Sizes that kernels put conditions on. */

import { RwkvError } from '../../core/errors.ts'

const HEAD_SIZES = [16, 32, 64, 128]

/**
 * Refuse heads that the kernels do not take.
 * @param by the tensor that says it
 * @throws RwkvError `model/tensor-shape`
 */
export function checkHeadSize(version: number, headSize: number, { C, by }: { C: number; by: string }): void {
  if (HEAD_SIZES.includes(headSize) && C % headSize === 0) return
  throw new RwkvError(
    'model/tensor-shape',
    `Heads of this RWKV-${version} model have ${headSize} channels of ${C} (by ${by}); expected ${HEAD_SIZES.join(', ')}, a divisor of the width.`,
  )
}

/**
 * Refuse low-rank matrices whose rows would not fill the tiles of a product.
 * @throws RwkvError `model/tensor-shape`
 */
export function checkRanks(version: number, ranks: readonly number[]): void {
  const wrong = ranks.find((rank) => rank % 8 !== 0)
  if (wrong === undefined) return
  throw new RwkvError(
    'model/tensor-shape',
    `A low-rank matrix of this RWKV-${version} model has rank ${wrong}; expected a multiple of 8, as in every released model.`,
  )
}
