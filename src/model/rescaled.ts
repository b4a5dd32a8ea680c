/**
 * @file Weights that transformers left divided. To run RWKV-4 in f16 it divides two matrices of block i by 2^⌊i / 6⌋ in
 * place, and a model that is saved after that keeps them so: nothing in the file says it, and whoever reads the file talks
 * to a model whose upper blocks whisper. The step in the norms at every sixth block gives it away.
 * Source: `_rescale_layers` of transformers' modeling_rwkv.py, by which `rescale_every` is 6.
 */

import type { Checkpoint, TensorEntry } from '../file/checkpoint.ts'
import { decodeFloats, elementByteLength } from '../file/tensor.ts'
import type { InferredModel } from './config.ts'

const EVERY = 6
const DIVIDED = ['att.output.weight', 'ffn.value.weight']
const SAMPLE = 16 * 1024 // values of a matrix whose norm stands for that of the whole

/** A step is log2 of how many times smaller a block's norm is than that of the block below. */
const LEAST_STEP = 0.5
const STEP = { least: 0.7, most: 1.3 } // the mean of the steps at every sixth block
const MOST_ELSEWHERE = 0.25 // the median of all others, without their signs

/** What `findRescaling` takes. */
export interface FindRescaling extends Pick<InferredModel, 'config' | 'tensors'> {
  readonly checkpoint: Checkpoint
}

/**
 * A warning for the user if the weights are unmistakably divided. Reads 2L samples of matrices, and none where the names
 * are not Hugging Face's or there is no sixth block.
 * @throws RwkvError as reading does
 */
export async function findRescaling({ config: { L }, tensors, checkpoint }: FindRescaling): Promise<readonly string[]> {
  const matrices = DIVIDED.map((name) =>
    Array.from({ length: L }, (_, block) => tensors.get(`blocks.${block}.${name}`) as TensorEntry),
  )
  const isHuggingFaces = matrices[0]?.[0]?.name.includes('.attention.')
  if (!isHuggingFaces || L <= EVERY) return []
  const norms: number[][] = []
  for (const blocks of matrices) {
    const those: number[] = []
    for (const matrix of blocks) those.push(await sampleNorm(checkpoint, matrix))
    norms.push(those)
  }
  if (!isRescaled(norms)) return []
  return [
    `${checkpoint.file} was saved after transformers had run it: attention.output and feed_forward.value halve at block ${EVERY} and every ${EVERY} blocks from there on, and nothing makes up for it here, so that its replies will be poor. In Python, save the model again right after from_pretrained of its original, before it runs.`,
  ]
}

/**
 * Whether norms halve at every sixth block, and there alone.
 * @param norms of the blocks from the lowest on, for each kind of matrix
 */
export function isRescaled(norms: readonly (readonly number[])[]): boolean {
  const steps = norms.flatMap((blocks) =>
    blocks.slice(1).map((norm, i) => ({ at: i + 1, step: Math.log2((blocks[i] as number) / norm) })),
  )
  const isSixth = ({ at }: { at: number }) => at % EVERY === 0
  const sixth = steps.filter(isSixth).map(({ step }) => step)
  const others = steps.filter((one) => !isSixth(one)).map(({ step }) => Math.abs(step))
  const mean = sixth.reduce((sum, step) => sum + step, 0) / sixth.length
  const median = others.toSorted((a, b) => a - b)[others.length >> 1] ?? Number.POSITIVE_INFINITY
  const isHalving = mean >= STEP.least && mean <= STEP.most && sixth.every((step) => step >= LEAST_STEP)
  return isHalving && median <= MOST_ELSEWHERE
}

/** Of values in the middle of the matrix. */
async function sampleNorm(checkpoint: Checkpoint, tensor: TensorEntry): Promise<number> {
  const width = elementByteLength(tensor.dtype)
  const elements = tensor.byteLength / width
  const count = Math.min(SAMPLE, elements)
  const bytes = await checkpoint.read(tensor, Math.floor((elements - count) / 2) * width, count * width)
  return Math.sqrt(decodeFloats(bytes, tensor.dtype).reduce((sum, value) => sum + value * value, 0) / count)
}
