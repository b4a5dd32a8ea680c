/** @file What the steps of a made-up model of the 169M shape cost on an adapter, by codec and preset. See `real-gpu.ts`. */

import type { PresetName, WeightFormat } from '../../src/core/protocol.ts'
import { presetOf } from '../../src/forward/gpu-backend.ts'
import { createGpu } from '../../src/gpu/device.ts'
import { cpuMs } from '../tools/cpu-time.ts'
import { createDawn } from '../tools/dawn.ts'
import { createForward } from '../tools/forward.ts'
import { seededCheckpoint } from '../tools/seeded.ts'
import { median } from './statistics.ts'

const ROUNDS = 5
const STATES = 32

/** Ms a token, medians of the rounds: of the processor (all threads of this process), and of the clock. */
export interface StepCost {
  readonly cpuMs: number
  readonly wallMs: number
}

/** What one model on one preset costs. */
export interface StepCosts {
  readonly preset: PresetName
  readonly codec: WeightFormat
  readonly gpuByteLength: number
  /** A token after another. */
  readonly decode: StepCost
  /** A token of a prompt of 32, of 128. */
  readonly prefill32: StepCost
  readonly prefill128: StepCost
  /** One token of each of 32 states at once, a token. */
  readonly together32: StepCost
}

/** Steps of every codec on both presets; each on a device of its own. */
export async function stepCosts(codecs: readonly WeightFormat[]): Promise<StepCosts[]> {
  const checkpoint = seededCheckpoint({ L: 12, C: 768, F: 3072, V: 50_277 }, 7)
  const found: StepCosts[] = []
  for (const codec of codecs)
    for (const preset of ['gpu', 'software'] as const) {
      const gpu = await createGpu(createDawn())
      const { forward, pool } = await createForward(gpu, checkpoint, {
        codec,
        preset: presetOf(preset, gpu),
        slots: STATES,
      })
      const slots: number[] = []
      for (let i = 0; i < STATES; i++) slots.push(await pool.allocate())
      const [slot = 0] = slots
      const cost = async (tokens: number, work: () => Promise<unknown>): Promise<StepCost> => {
        await work() // drivers put off some of the compiling until then
        const rounds: StepCost[] = []
        for (let round = 0; round < ROUNDS; round++) {
          const [cpu, wall] = [cpuMs(), performance.now()]
          await work()
          rounds.push({ cpuMs: (cpuMs() - cpu) / tokens, wallMs: (performance.now() - wall) / tokens })
        }
        return {
          cpuMs: median(rounds.map(({ cpuMs }) => cpuMs)),
          wallMs: median(rounds.map(({ wallMs }) => wallMs)),
        }
      }
      const prompt = (length: number) =>
        cost(length, () =>
          forward.step([{ slot, ids: Array.from({ length }, (_, id) => id + 1), outputs: 'last' as const }]),
        )
      found.push({
        preset,
        codec,
        gpuByteLength: gpu.counters.gpuByteLength,
        decode: await cost(4, async () => {
          for (let id = 1; id <= 4; id++) await forward.step([{ slot, ids: [id], outputs: 'last' }])
        }),
        prefill32: await prompt(32),
        prefill128: await prompt(128),
        together32: await cost(STATES, () => forward.step(slots.map((slot) => ({ slot, ids: [1], outputs: 'last' })))),
      })
      gpu.dispose()
    }
  return found
}
