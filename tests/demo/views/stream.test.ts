import { afterEach, expect, test, vi } from 'vitest'
import { measureStreaming } from '../../../demo/views/bench/stream.ts'

const BYTES = 64 * 1024 * 1024

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** A GPU that takes `msPerRead`, and a browser that looks every 100 ms, or when something is submitted, what is done. */
function stubGpu(msPerRead: number): void {
  let reads = 0
  let doneAt = 0
  const waiting: (() => void)[] = []
  const look = () => {
    if (performance.now() < doneAt) return
    for (const tell of waiting.splice(0)) tell()
  }
  setInterval(look, 100)
  const pass = { setPipeline() {}, setBindGroup() {}, dispatchWorkgroups: () => void reads++, end() {} }
  const device = {
    createShaderModule: () => ({}),
    createComputePipelineAsync: async () => ({ getBindGroupLayout: () => ({}) }),
    createBuffer: () => ({}),
    createBindGroup: () => ({}),
    createCommandEncoder: () => ({ beginComputePass: () => pass, finish: () => ({}) }),
    queue: {
      submit(commands: readonly object[]) {
        if (commands.length > 0) doneAt = performance.now() + reads * msPerRead
        reads = 0
        look()
      },
      onSubmittedWorkDone: () => new Promise<void>((tell) => waiting.push(tell)),
    },
    destroy() {},
  }
  vi.stubGlobal('navigator', { gpu: { requestAdapter: async () => ({ requestDevice: async () => device }) } })
  vi.stubGlobal('GPUBufferUsage', { STORAGE: 128 })
}

test.each([0.1, 3, 40])(
  'reads of %d ms are timed as they are, where a clock steps by 1 ms and waiting is polled',
  async (ms) => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
    stubGpu(ms)
    const measured = measureStreaming(new AbortController().signal)
    let rate: number | undefined
    void measured.then((found) => {
      rate = found
    })
    while (rate === undefined) await vi.advanceTimersByTimeAsync(1)
    const truth = BYTES / (ms / 1000)
    expect(rate / truth).toBeGreaterThan(0.9)
    expect(rate / truth).toBeLessThan(1.1)
  },
)
