/**
 * @file `npm run blocks`: what a token of RWKV-7 0.1B costs by the blocks of its GGUF file, on the adapter of this machine:
 * CPU ms a token, in rounds of which each takes all files in turn, and the GPU memory of all it has.
 */

import { createByteSource } from '../../src/file/byte-source.ts'
import { openCheckpoint } from '../../src/file/checkpoint.ts'
import { createGpu } from '../../src/gpu/device.ts'
import { cpuMs } from '../tools/cpu-time.ts'
import { createDawn } from '../tools/dawn.ts'
import { createForward } from '../tools/forward.ts'
import { q4KM, seededGguf, type TypeOf } from '../tools/seeded-gguf.ts'
import { median } from './statistics.ts'

const ranks = { v: 32, w: 64, a: 64, g: 128 }
const config = { version: 7, L: 12, C: 768, F: 3072, V: 65_536, headSize: 64, ranks } as const
const ROUNDS = 7
const TOKENS = 2

const files: readonly (readonly [label: string, typeOf: TypeOf, codec: 'auto' | 'q8'])[] = [
  ['our q8', () => 'Q4_0', 'q8'], // whatever it is made of
  ['Q8_0', () => 'Q8_0', 'auto'],
  ['Q4_K_M', q4KM, 'auto'],
  ['Q5_K', () => 'Q5_K', 'auto'],
  ['Q6_K', () => 'Q6_K', 'auto'],
]

/** Print a line a file. */
export async function main(): Promise<number> {
  const models = []
  for (const [label, typeOf, codec] of files) {
    const gpu = await createGpu(createDawn())
    const checkpoint = await openCheckpoint(createByteSource('m.gguf', await seededGguf(config, typeOf)))
    const { forward, pool } = await createForward(gpu, checkpoint, { codec })
    const bytes = gpu.counters.gpuByteLength
    const step = async (id: number) => {
      await forward.step([{ slot: 0, ids: [id], outputs: 'last' }])
    }
    await pool.allocate()
    await step(1)
    models.push({ label, bytes, step, gpu, ms: [] as number[] })
  }
  for (let round = 0; round < ROUNDS; round++)
    for (const { step, ms } of models) {
      const before = cpuMs()
      for (let id = 0; id < TOKENS; id++) await step(2 + id)
      ms.push((cpuMs() - before) / TOKENS)
    }
  const ours = median(models[0].ms)
  for (const { label, bytes, ms, gpu } of models) {
    const found = median(ms)
    console.log(
      `${label.padEnd(8)} ${found.toFixed(0).padStart(6)} CPU ms a token (${Math.min(...ms).toFixed(0)} to ${Math.max(...ms).toFixed(0)}), ${(found / ours).toFixed(2)} of ours; ${(bytes / 1e6).toFixed(0)} MB`,
    )
    gpu.dispose()
  }
  return 0
}
