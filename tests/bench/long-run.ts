/**
 * @file `npm run long-run -- [--tokens N]`: one state over many sampled tokens. Is it finite, bit for bit, after each of
 * them; is the GPU's memory what it was; does a token at the end cost what it did at the start?
 */

import { parseArgs } from 'node:util'
import { createOwner } from '../../src/core/dispose.ts'
import { openUrl } from '../../src/file/byte-source.ts'
import { type Checkpoint, openCheckpoint } from '../../src/file/checkpoint.ts'
import { createGpu, type Gpu } from '../../src/gpu/device.ts'
import { fileFetch } from '../../src/node/file-fetch.ts'
import { createCpuSampler } from '../../src/sample/cpu-sampler.ts'
import { resolveSampling } from '../../src/sample/options.ts'
import { createPenalties } from '../../src/sample/penalties.ts'
import { createDawn } from '../tools/dawn.ts'
import { createForward } from '../tools/forward.ts'
import { createFiniteCheck } from './finite-check.ts'
import { median } from './statistics.ts'

/** What a long run found. Milliseconds a token are medians, over the first and the last tenth, of process CPU time. */
export interface LongRun {
  readonly notFinite: number
  readonly gpuBytesAtStart: number
  readonly gpuBytesAtEnd: number
  readonly cpuMsAtStart: number
  readonly cpuMsAtEnd: number
}

/** Sample `tokens` tokens of one text, and look at the state after each. */
export async function longRun(
  gpu: Gpu,
  checkpoint: Checkpoint,
  { tokens, onToken }: { tokens: number; onToken?: (count: number) => void },
): Promise<LongRun> {
  const owner = createOwner()
  const { config, forward, pool } = owner.own(await createForward(gpu, checkpoint, { codec: 'f16' }))
  const slot = await pool.allocate()
  const check = owner.own(await createFiniteCheck(gpu, pool.layer(0).buffer))
  const sampler = createCpuSampler(config.V, [])
  const options = resolveSampling({ temperature: 1, topP: 0.9 })
  const penalties = createPenalties()
  const cpuMs: number[] = []
  const gpuBytesAtStart = gpu.counters.gpuByteLength
  let id = 0
  for (let index = 0; index < tokens; index++) {
    const before = process.cpuUsage()
    const [logits = new Float32Array(0)] = await forward.step([{ slot, ids: [id], outputs: 'last' }])
    const { user, system } = process.cpuUsage(before)
    cpuMs.push((user + system) / 1000)
    check.look()
    id = sampler.sample({ logits, options, penalties, seed: 1, stream: 0, index })
    penalties.add(id, options.penaltyDecay)
    onToken?.(index + 1)
  }
  const gpuBytesAtEnd = gpu.counters.gpuByteLength
  const notFinite = await check.count()
  owner.dispose()
  const tenth = Math.ceil(tokens / 10)
  return {
    notFinite,
    gpuBytesAtStart,
    gpuBytesAtEnd,
    cpuMsAtStart: median(cpuMs.slice(0, tenth)),
    cpuMsAtEnd: median(cpuMs.slice(-tenth)),
  }
}

/** The built-in model's weights. */
export async function storytellerCheckpoint(): Promise<Checkpoint> {
  const url = new URL('../../demo/public/models/storyteller/model.safetensors', import.meta.url).href
  return openCheckpoint(await openUrl({ url, fetch: fileFetch }))
}

/** Exit code: 0 if everything was finite and no byte was added. */
export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { tokens: { type: 'string', default: '20000' } } })
  const gpu = await createGpu(createDawn())
  const onToken = (count: number) => count % 1000 === 0 && console.log(`${count} tokens`)
  const found = await longRun(gpu, await storytellerCheckpoint(), { tokens: Number(values.tokens), onToken })
  gpu.dispose()
  console.log(JSON.stringify(found, null, 2))
  return found.notFinite === 0 && found.gpuBytesAtEnd === found.gpuBytesAtStart ? 0 : 1
}
