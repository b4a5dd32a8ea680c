import { describe, expect, test } from 'vitest'
import type { Model } from '../../src/engine.ts'
import { openOracle } from '../oracle/oracle-model.ts'
import { goldenModel, liveBuffers, storyteller, withEngine } from '../tools/engine.ts'

/** Counters that grew while `work` ran. */
async function costOf(model: Model, work: () => Promise<void>) {
  const before = await model.counters()
  await work()
  const after = await model.counters()
  return Object.fromEntries(
    Object.entries(after).map(([name, value]) => [name, value - before[name as keyof typeof before]]),
  )
}

describe('the built-in model', () => {
  test('answers three prompts with the ids of the oracle, in one conversation', () =>
    withEngine(async (engine) => {
      const model = await engine.loadModel(storyteller)
      const oracle = await openOracle(`${storyteller}model.safetensors`)
      const session = await model.createSession({
        sampling: { temperature: 0, presencePenalty: 0, frequencyPenalty: 0, maxTokens: 40 },
      })
      const end = await model.encode('\n\n')
      let text: number[] = [0]
      for (const message of ['Tell me a story about a cat.', 'Hello! Who are you?', 'What sound does a cow make?']) {
        text = [...text, ...(await model.encode(`User: ${message}\n\nAssistant:`))]
        const { ids, finishReason } = await session.prompt(message).summary
        const expected = oracle.greedy(text, ids.length + (finishReason === 'stop' ? 1 : 0))
        expect(ids).toEqual(expected.slice(0, ids.length))
        if (finishReason === 'stop') expect(end).toEqual([expected.at(-1)])
        text = [...text, ...ids, ...end] // what the state must have seen for the next answer to agree
      }
      await model.dispose()
    }))

  test('a token of a reply costs 6 dispatches a layer and 4, one submit, nothing created, and 4 bytes read back', () =>
    withEngine(async (engine) => {
      const model = await engine.loadModel(storyteller)
      const { L } = model.info.config
      await Promise.all(Array.from({ length: 9 }, () => model.createState())) // the pool has grown
      const session = await model.createSession({ shared: false, sampling: { seed: 3, topP: 0.9 } })
      await session.prompt('Tell me a story.', { sampling: { maxTokens: 1 } }).summary
      const [, { before }] = await session.transcript()
      const costs = []
      for (const maxTokens of [8, 20]) {
        await session.rewind(before) // then one id is fed first: how a longer prompt is cut depends on the time it takes
        const reply = async () => {
          const { finishReason } = await session.respond({ sampling: { maxTokens } }).summary
          expect(finishReason).toBe('length')
        }
        costs.push(await costOf(model, reply))
      }
      const [short, long] = costs
      const of12 = Object.fromEntries(Object.entries(long).map(([name, value]) => [name, value - short[name]]))
      expect(of12).toEqual({
        steps: 12,
        tokens: 12,
        prefixHits: 0,
        dispatches: 12 * (6 * L + 4),
        submits: 12,
        created: 0,
        bytesReadBack: 12 * 4,
        gpuByteLength: 0,
      })
      await model.dispose()
    }))

  test('where the logits are wanted, a token costs a dispatch less, and they are read back', () =>
    withEngine(async (engine) => {
      const model = await engine.loadModel(storyteller)
      const { L, V } = model.info.config
      const state = await model.createState()
      await state.feed([0, 1, 2])
      const cost = await costOf(model, () => state.feed([3]))
      expect(cost).toEqual({
        steps: 1,
        tokens: 1,
        prefixHits: 0,
        dispatches: 6 * L + 3,
        submits: 1,
        created: 0,
        bytesReadBack: V * 4,
        gpuByteLength: 0,
      })
      await model.dispose()
    }))

  test('ids without text are never drawn, whatever their logits', () =>
    withEngine(async (engine) => {
      const model = await engine.loadModel(storyteller)
      const session = await model.createSession({ sampling: { temperature: 10, topP: 1, maxTokens: 60, seed: 7 } })
      const { ids, text } = await session.prompt('Hello!').summary
      expect(ids.every((id) => id >= 1 && id <= 4095)).toBe(true)
      expect(await model.decode(ids)).toContain(text)
      await model.dispose()
    }))

  test('the same seed gives the same reply, another seed another', () =>
    withEngine(async (engine) => {
      const model = await engine.loadModel(storyteller)
      const replies: string[] = []
      for (const seed of [1, 1, 2]) {
        const session = await model.createSession({ sampling: { temperature: 1, topP: 0.95, seed, maxTokens: 30 } })
        replies.push((await session.prompt('Tell me a story.').summary).text)
        await session.dispose()
      }
      expect(replies[1]).toBe(replies[0])
      expect(replies[2]).not.toBe(replies[0])
      await model.dispose()
    }))
})

describe('a session', () => {
  const greedy = { temperature: 0, presencePenalty: 0, frequencyPenalty: 0 }

  test('queues a second prompt behind the first, and feeds only its own ids', () =>
    withEngine(async (engine) => {
      const model = await engine.loadModel(storyteller)
      const session = await model.createSession({ sampling: { ...greedy, maxTokens: 5 } })
      const first = session.prompt('Hello!')
      const second = session.prompt('Tell me more.')
      const pieces: string[] = []
      for await (const piece of second) pieces.push(piece)
      expect((await first.summary).promptTokens).toBe(1 + (await model.encode('User: Hello!\n\nAssistant:')).length)
      expect((await second.summary).promptTokens).toBe((await model.encode('User: Tell me more.\n\nAssistant:')).length)
      expect(pieces.join('')).toBe((await second.summary).text)
      await model.dispose()
    }))

  test.each([0, 1, 2, 7])('aborted after %d pieces, it goes on as if the rest had never been wanted', (count) =>
    withEngine(async (engine) => {
      const model = await engine.loadModel(storyteller)
      const oracle = await openOracle(`${storyteller}model.safetensors`)
      const session = await model.createSession({ sampling: { ...greedy, maxTokens: 12 } })
      const stop = new AbortController()
      const reply = session.prompt('Tell me a story about a cat.', { signal: stop.signal })
      if (count === 0) stop.abort()
      const read = async () => {
        let pieces = 0
        for await (const _ of reply) if (++pieces === count) stop.abort()
      }
      await expect(read()).rejects.toMatchObject({ name: 'AbortError' })
      const { ids, finishReason } = await reply.summary
      expect(finishReason).toBe('abort')
      expect(ids.length).toBeLessThanOrEqual(count + 1)

      const seen = [
        0,
        ...(await model.encode('User: Tell me a story about a cat.\n\nAssistant:')),
        ...ids,
        ...(await model.encode('\n\nUser: Hello!\n\nAssistant:')),
      ]
      const next = await session.prompt('Hello!').summary
      expect(next.ids).toEqual(oracle.greedy(seen, next.ids.length))
      await model.dispose()
    }),
  )

  test('breaking out of the iterator ends the reply', () =>
    withEngine(async (engine) => {
      const model = await engine.loadModel(storyteller)
      const session = await model.createSession({ sampling: greedy })
      const reply = session.prompt('Tell me a story about a cat.')
      for await (const _ of reply) break
      const { finishReason, ids } = await reply.summary
      expect(finishReason).toBe('abort')
      expect(ids.length).toBeLessThan(4)
      await model.dispose()
    }))

  test('refuses options out of range by name, and stays usable', () =>
    withEngine(async (engine) => {
      const model = await engine.loadModel(storyteller)
      const session = await model.createSession({ sampling: { ...greedy, maxTokens: 3 } })
      await expect(session.prompt('Hello!', { sampling: { topP: 1.5 } }).summary).rejects.toMatchObject({
        code: 'option/invalid',
        message: expect.stringContaining('topP is 1.5'),
      })
      expect((await session.prompt('Hello!').summary).ids.length).toBe(3)
      await session.dispose()
      await session.dispose()
      await expect(session.prompt('Hello!').summary).rejects.toMatchObject({ code: 'session/disposed' })
      await model.dispose()
    }))
})

describe('a lost device', () => {
  test('that nobody waits for rejects every pending call with gpu/lost, and the engine loads again', () =>
    withEngine(async (engine, devices) => {
      const model = await engine.loadModel(storyteller, { recoveryMs: 0 })
      const session = await model.createSession({ sampling: { temperature: 0 } })
      const state = await model.createState()
      const other = await model.createState()
      const reply = session.prompt('Tell me a story about a cat.')
      const shown: string[] = []
      const pending: Promise<unknown>[] = [reply.summary]
      const reading = (async () => {
        for await (const piece of reply) {
          shown.push(piece)
          if (shown.length === 5) {
            pending.push(state.feed(Array.from({ length: 500 }, (_, i) => i)), other.read())
            devices[0].destroy()
          }
        }
      })()
      await expect(reading).rejects.toMatchObject({ code: 'gpu/lost' })
      for (const call of pending) await expect(call).rejects.toMatchObject({ code: 'gpu/lost' })
      await expect(model.createState()).rejects.toMatchObject({ code: 'gpu/lost' })
      expect(shown.length).toBeGreaterThanOrEqual(5)
      await model.dispose()

      const again = await engine.loadModel(storyteller)
      const next = await again.createSession({ sampling: { temperature: 0, maxTokens: 3 } })
      expect((await next.prompt('Hello!').summary).ids.length).toBe(3)
      expect(devices.length).toBe(2)
      await again.dispose()
    }))
})

describe('loading', () => {
  test('disposing a model frees every byte, and so does a load that fails', () =>
    withEngine(async (engine) => {
      const model = await engine.loadModel(storyteller)
      const session = await model.createSession({ sampling: { maxTokens: 2 } })
      await session.prompt('Hello!').summary
      await Promise.all(Array.from({ length: 9 }, () => model.createState())) // the pool has to grow
      expect((await model.counters()).gpuByteLength).toBeGreaterThan(8e6)
      await model.dispose()
      expect((await model.counters()).gpuByteLength).toBe(0)
      await expect(engine.loadModel(goldenModel('bad/empty.safetensors'))).rejects.toMatchObject({ code: 'file/empty' })
      const stop = new AbortController()
      const onProgress = ({ loaded }: { loaded: number }) => loaded > 4e6 && stop.abort()
      await expect(engine.loadModel(storyteller, { signal: stop.signal, onProgress })).rejects.toMatchObject({
        name: 'AbortError',
      })
      expect((await model.counters()).gpuByteLength).toBe(0)
      await expect(model.createState()).rejects.toMatchObject({ code: 'model/disposed' })
    }))

  test('a load whose kernels do not compile leaves no buffer, and the next one tries again', () => {
    let buffers: ReadonlySet<GPUBuffer> = new Set()
    let compiles = false
    return withEngine(
      async (engine) => {
        const source = goldenModel('plain64.f32.safetensors')
        await expect(engine.loadModel(source)).rejects.toMatchObject({ code: 'gpu/shader', message: /matmul/ })
        expect(buffers.size).toBe(0)
        compiles = true
        await (await engine.loadModel(source)).dispose()
        expect(buffers.size).toBe(0)
      },
      {
        onDevice(device) {
          buffers = liveBuffers(device)
          const compile = device.createComputePipelineAsync.bind(device)
          device.createComputePipelineAsync = async (descriptor) => {
            if (!compiles && descriptor.label?.startsWith('matmul')) throw new Error('not now')
            return compile(descriptor)
          }
        },
      },
    )
  })

  test('progress never falls, and ends with ready', () =>
    withEngine(async (engine) => {
      const seen: { phase: string; loaded: number; total: number }[] = []
      const model = await engine.loadModel(storyteller, { onProgress: (progress) => seen.push(progress) })
      expect(seen.map(({ loaded }) => loaded)).toEqual(seen.map(({ loaded }) => loaded).sort((a, b) => a - b))
      expect(seen.at(-1)).toMatchObject({ phase: 'ready', loaded: seen.at(-1)?.total })
      expect([...new Set(seen.map(({ phase }) => phase))]).toEqual(['open', 'weights', 'compile', 'ready'])
      await model.dispose()
    }))

  test('bare weights have no text, and say so', () =>
    withEngine(async (engine) => {
      const model = await engine.loadModel(goldenModel('plain64.f32.safetensors'))
      await expect(model.encode('a')).rejects.toMatchObject({ code: 'text/vocabulary' })
      const state = await model.createState()
      await expect(state.logits()).rejects.toMatchObject({ code: 'session/no-logits' })
      await expect(state.feed([260])).rejects.toMatchObject({ code: 'text/unknown-id' })
      await state.feed([259])
      expect((await state.logits()).length).toBe(260)
      await model.dispose()
    }))
})

test('without an adapter or without WebGPU, loading says gpu/unavailable', async () => {
  const { createEngine } = await import('../../src/engine.ts')
  const none = { requestAdapter: async () => null } as unknown as GPU
  for (const gpu of [none, undefined]) {
    await expect(createEngine({ gpu, device: 'webgpu' }).loadModel(storyteller)).rejects.toMatchObject({
      code: 'gpu/unavailable',
    })
  }
})
