/**
 * @file `npm run prefill`: CPU time a token of a prompt of 128 tokens and of single steps, for the built-in model and for
 * the 169M shape with made-up weights. On a software adapter, CPU time is the work done.
 */

import type { Checkpoint } from '../../src/file/checkpoint.ts'
import { createGpu } from '../../src/gpu/device.ts'
import { createDawn } from '../tools/dawn.ts'
import { createForward } from '../tools/forward.ts'
import { seededCheckpoint } from '../tools/seeded.ts'
import { storytellerCheckpoint } from './long-run.ts'
import { median } from './statistics.ts'

const T = 128
const ROUNDS = 5

/** Prints a table; medians of `ROUNDS` rounds that alternate prompt and steps. */
export async function main(): Promise<number> {
  const shapes: [string, Checkpoint][] = [
    ['storyteller', await storytellerCheckpoint()],
    ['169m', seededCheckpoint({ L: 12, C: 768, F: 3072, V: 50_277 }, 7)],
  ]
  console.log('shape        codec  prefill  decode   (CPU ms a token)')
  for (const [shape, checkpoint] of shapes) {
    for (const codec of ['f32', 'f16', 'bf16'] as const) {
      const gpu = await createGpu(createDawn())
      const { forward, pool, ...parts } = await createForward(gpu, checkpoint, { codec })
      const slot = await pool.allocate()
      const ids = Array.from({ length: T }, (_, i) => i + 1)
      const cpuMs = async (steps: readonly (readonly number[])[]) => {
        const before = process.cpuUsage()
        for (const ids of steps) await forward.step([{ slot, ids, outputs: 'last' }])
        const { user, system } = process.cpuUsage(before)
        return (user + system) / 1000 / steps.flat().length
      }
      const single = ids.slice(0, 16).map((id) => [id])
      await cpuMs([ids, [0]]) // the first run of a kernel pays for what drivers put off
      const prefill: number[] = []
      const decode: number[] = []
      for (let round = 0; round < ROUNDS; round++) {
        prefill.push(await cpuMs([ids]))
        decode.push(await cpuMs(single))
      }
      const column = (values: readonly number[]) => median(values).toFixed(1).padStart(7)
      console.log(`${shape.padEnd(12)} ${codec.padEnd(5)} ${column(prefill)} ${column(decode)}`)
      parts.dispose()
      gpu.dispose()
    }
  }
  return 0
}
