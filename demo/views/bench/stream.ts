/** @file How many bytes a second the GPU reads when it does nothing else: the measure of what a model's step reads. */

import code from './stream.wgsl?raw'

const BYTES = 64 * 1024 * 1024
const WORKGROUP = 64
const INVOCATIONS = 16_384
const ROUNDS = 5
const LONG_MS = 100 // of a round: what clocks and waiting add is little beside it
const MOST_READS = 4096 // in a round
const NUDGE_MS = 4

/**
 * Bytes a second, of the fastest of a few rounds, each of so many reads that asking costs little beside them. Firefox looks
 * only every 100 ms whether they are done, unless something is submitted: so nothing is, again and again.
 * @throws the signal's reason, or TypeError where there is no adapter
 */
export async function measureStreaming(signal: AbortSignal): Promise<number> {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' })
  if (!adapter) throw new TypeError('There is no adapter here any more. Load the page anew.')
  const device = await adapter.requestDevice({ label: 'streaming' })
  try {
    const pipeline = await device.createComputePipelineAsync({
      label: 'streaming',
      layout: 'auto',
      compute: { module: device.createShaderModule({ code }), constants: { WORKGROUP, INVOCATIONS } },
    })
    const words = device.createBuffer({ label: 'words', size: BYTES, usage: GPUBufferUsage.STORAGE })
    const sums = device.createBuffer({ label: 'sums', size: INVOCATIONS * 4, usage: GPUBufferUsage.STORAGE })
    const bindings = device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [words, sums].map((buffer, binding) => ({ binding, resource: { buffer } })),
    })
    const run = async (times: number): Promise<number> => {
      signal.throwIfAborted()
      const encoder = device.createCommandEncoder()
      const pass = encoder.beginComputePass()
      pass.setPipeline(pipeline)
      pass.setBindGroup(0, bindings)
      for (let i = 0; i < times; i++) pass.dispatchWorkgroups(INVOCATIONS / WORKGROUP)
      pass.end()
      const start = performance.now()
      device.queue.submit([encoder.finish()])
      const nudging = setInterval(() => device.queue.submit([]), NUDGE_MS)
      await device.queue.onSubmittedWorkDone().finally(() => clearInterval(nudging))
      return performance.now() - start
    }
    await run(1) // touches the memory
    let times = 1
    while (times < MOST_READS && (await run(times)) < LONG_MS) times *= 2
    let best = Infinity
    for (let round = 0; round < ROUNDS; round++) best = Math.min(best, (await run(times)) / times)
    return BYTES / (best / 1000)
  } finally {
    device.destroy()
  }
}
