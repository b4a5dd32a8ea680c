/**
 * @file Tensors of a small RWKV-4, as they are written to a file; all zeros.
 */

import { createByteSource } from '../../src/file/byte-source.ts'
import { type Checkpoint, openCheckpoint } from '../../src/file/checkpoint.ts'
import { tensorsOf } from '../../src/rwkv/tensors.ts'
import { buildSafetensors, type TensorToWrite } from '../tools/safetensors-bytes.ts'

/** The sizes used where a test names none. */
export const SMALL = { L: 3, C: 8, F: 24, V: 11 }

/** All tensors of an RWKV-4 of these sizes; time_mix as (1, 1, C), as the official files have it. */
export function rwkv4Tensors(sizes = SMALL, dtype = 'F16'): TensorToWrite[] {
  return Array.from(tensorsOf({ version: 4, ...sizes }), ({ name, shape }) => ({
    name,
    dtype,
    shape: name.includes('time_mix') ? [1, 1, ...shape] : shape,
  }))
}

/** A checkpoint of these tensors. */
export function checkpointOf(tensors: readonly TensorToWrite[]): Promise<Checkpoint> {
  return openCheckpoint(createByteSource('small.safetensors', buildSafetensors(tensors)))
}

/** The way from official to Hugging Face's names, written the other way round than the code under test. */
export function huggingFaceName(name: string): string {
  if (name === 'head.weight') return name
  const renamed = name
    .replace(/^emb\./, 'embeddings.')
    .replace('.ln0.', '.pre_ln.')
    .replace('.att.', '.attention.')
    .replace('.ffn.', '.feed_forward.')
    .replace(/time_mix_k$/, 'time_mix_key')
    .replace(/time_mix_v$/, 'time_mix_value')
    .replace(/time_mix_r$/, 'time_mix_receptance')
  return `rwkv.${renamed}`
}
