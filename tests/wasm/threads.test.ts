import { describe, expect, test } from 'vitest'
import type { ModelConfig } from '../../src/core/protocol.ts'
import { createSeededCheckpoint } from '../../src/model/seeded-checkpoint.ts'
import { nodeThreads } from '../../src/node/threads.ts'
import { tensorsOf } from '../../src/rwkv/tensors.ts'
import { compileKernels } from '../../src/wasm/kernels.ts'
import { createModelMemory } from '../../src/wasm/memory.ts'
import { partOf } from '../../src/wasm/thread-pool.ts'
import { createThreadPool, type Threads } from '../../src/wasm/threads.ts'
import { type RunInWasm, runInWasm } from '../tools/run-in-wasm.ts'

const from = { ...nodeThreads, cores: 3 }
const sizes = { L: 2, C: 80, F: 152, V: 52 } as const // shares that are not alike, of rows, columns and heads
const versions: readonly ModelConfig[] = [
  { ...sizes, version: 4 },
  { ...sizes, version: 5, minor: 2, headSize: 16 },
  { ...sizes, version: 6, headSize: 16, ranks: { mix: 24, decay: 40 } },
  { ...sizes, version: 7, headSize: 16, ranks: { v: 8, w: 24, a: 16, g: 40 } },
]

/** Logits and states of single ids, of a prompt, and of a batch. */
async function resultsOf(config: ModelConfig, options: RunInWasm) {
  const { forward, pool, threads, dispose } = await runInWasm(createSeededCheckpoint(tensorsOf(config), 5), options)
  const [a, b] = [await pool.allocate(), await pool.allocate()]
  const ids = Array.from({ length: 19 }, (_, i) => (i * 37 + 3) % sizes.V)
  const logits = [
    await forward.step([{ slot: a, ids: [3], outputs: 'last' }]),
    await forward.step([{ slot: a, ids, outputs: 'all' }]),
    await forward.step([
      { slot: a, ids: ids.slice(0, 3), outputs: 'last' },
      { slot: b, ids: ids.slice(5), outputs: 'last' },
    ]),
  ]
  const states = [await pool.read(a), await pool.read(b)]
  dispose()
  return { threads, logits, states }
}

describe.each(versions)('RWKV-$version', (config) => {
  test.each(['f32', 'f16', 'q8', 'q4'] as const)(
    'in %s: several threads give every bit that one gives',
    async (codec) => {
      const { threads, ...expected } = await resultsOf(config, { codec })
      expect(threads).toBe(1)
      expect(await resultsOf(config, { codec, threads: 2, from })).toEqual({ threads: 2, ...expected })
      expect(await resultsOf(config, { codec, threads: 3, from })).toEqual({ threads: 3, ...expected })
    },
  )
})

test('there are no more threads than cores', async () => {
  const { threads } = await resultsOf(versions[0] as ModelConfig, { threads: 9, from: { ...from, cores: 2 } })
  expect(threads).toBe(2)
})

test.each<[string, Threads['start']]>([
  [
    'be started',
    () => {
      throw new Error('refused')
    },
  ],
  [
    'run',
    (onError) => {
      onError()
      return { postMessage() {}, terminate() {} }
    },
  ],
])('where none can %s, one computes it', async (_, start) => {
  const { threads } = await resultsOf(versions[0] as ModelConfig, { threads: 2, from: { cores: 2, start } })
  expect(threads).toBe(1)
})

test('where no memory can be shared, one thread computes it', async () => {
  const { Memory } = WebAssembly
  class OwnMemory extends Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      if (descriptor.shared) throw new RangeError('no room for it')
      super(descriptor)
    }
  }
  Object.assign(WebAssembly, { Memory: OwnMemory })
  try {
    const { threads } = await resultsOf(versions[0] as ModelConfig, { threads: 2, from })
    expect(threads).toBe(1)
  } finally {
    Object.assign(WebAssembly, { Memory })
  }
})

test('what fails in another thread is an error here, and nothing waits for it', async () => {
  const memory = createModelMemory(await compileKernels({ isShared: true }), () => {})
  const threadPool = await createThreadPool(memory, 2, from.start)
  const outside = 2 ** 31
  expect(() => threadPool.share((kernels, { index }) => index === 1 && kernels.add(outside, outside, 4))).toThrow(
    /failed/,
  )
  threadPool.dispose()
})

test('shares have all of it, once, in whole groups', () => {
  for (const [from, to, group] of [
    [0, 52, 8],
    [5, 21, 8],
    [0, 3, 8],
    [7, 7, 1],
  ] as const)
    for (const count of [1, 2, 3, 5]) {
      const parts = Array.from({ length: count }, (_, index) => partOf({ index, count }, { from, to, group }))
      expect(parts[0]?.[0]).toBe(from)
      expect(parts.at(-1)?.[1]).toBe(to)
      parts.forEach(([begin], i) => {
        if (i > 0) expect(begin).toBe(parts[i - 1]?.[1])
        expect((begin - from) % group === 0 || begin === to).toBe(true)
      })
    }
})
