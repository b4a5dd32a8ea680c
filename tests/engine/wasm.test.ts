import { expect, test, vi } from 'vitest'
import { createEngine, type Reply } from '../../src/engine.ts'
import { fileFetch } from '../../src/node/file-fetch.ts'
import { storyteller } from '../tools/engine.ts'

const question = 'Tell me a story about a fox.'
const idsOf = async ({ summary }: Reply) => (await summary).ids
const greedy = { sampling: { temperature: 0, maxTokens: 24 } }

test('without WebGPU a model answers all the same, says why, and gives back all its memory', async () => {
  const engine = createEngine({ gpu: undefined, fetch: fileFetch })
  const model = await engine.loadModel(storyteller)
  expect(model.info.device).toEqual({ name: 'wasm', reason: expect.stringMatching(/no WebGPU/) })
  expect(model.info.preset).toBeUndefined()

  const session = await model.createSession()
  const mark = await session.mark()
  const first = await idsOf(session.prompt(question, greedy))
  expect(first).toHaveLength(24)
  const fork = await session.fork()
  const bytes = await session.save()
  const next = await idsOf(session.prompt('What did it eat?', greedy))
  expect(await idsOf(fork.prompt('What did it eat?', greedy))).toEqual(next)
  await session.rewind(mark)
  expect(await idsOf(session.prompt(question, greedy))).toEqual(first)
  const restored = await model.restoreSession(bytes)
  expect(await idsOf(restored.prompt('What did it eat?', greedy))).toEqual(next)

  const state = await model.createState()
  const traced = await state.trace([1, 2, 3])
  expect(traced.map(({ layer }) => layer)).toEqual(Array.from({ length: model.info.config.L }, (_, layer) => layer))
  const profile = await model.profile()
  expect(profile?.map(({ kernel }) => kernel)).toEqual(
    expect.arrayContaining(['matvec head', 'matvec ffn.value', 'layerNorm', 'wkv4']),
  )
  const ofValues = profile?.find(({ kernel }) => kernel === 'matvec ffn.value')
  expect(ofValues).toEqual({
    kernel: expect.anything(),
    dispatches: model.info.config.L,
    elapsedMs: expect.any(Number),
  })

  const before = await model.counters()
  await idsOf(session.prompt(question, { sampling: { temperature: 0, maxTokens: 200 } }))
  expect((await model.counters()).gpuByteLength).toBe(before.gpuByteLength)
  await model.dispose()
  expect((await model.counters()).gpuByteLength).toBe(0)
  await expect(state.read()).rejects.toMatchObject({ code: 'model/disposed' })
  await engine.dispose()
})

test('a reply can be stopped between two tokens', async () => {
  const engine = createEngine({ gpu: undefined, fetch: fileFetch })
  const model = await engine.loadModel(storyteller, { device: 'wasm' })
  const session = await model.createSession()
  const end = new AbortController()
  const onToken = ({ index }: { index: number }) => {
    if (index === 3) end.abort()
  }
  const { summary } = session.prompt(question, { sampling: { maxTokens: 500 }, signal: end.signal, onToken })
  expect(await summary).toMatchObject({ finishReason: 'abort' })
  await engine.dispose()
})

test('where a page may run neither, it hears of WebGPU; where it asked for WebAssembly, of its policy', async () => {
  const compile = vi
    .spyOn(WebAssembly, 'compile')
    .mockRejectedValue(new WebAssembly.CompileError('violates the policy'))
  try {
    const engine = createEngine({ gpu: undefined, fetch: fileFetch })
    await expect(engine.loadModel(storyteller)).rejects.toMatchObject({ code: 'gpu/unavailable' })
    await expect(engine.loadModel(storyteller, { device: 'wasm' })).rejects.toMatchObject({
      code: 'wasm/unavailable',
      message: expect.stringMatching(/wasm-unsafe-eval/),
    })
    await engine.dispose()
  } finally {
    compile.mockRestore()
  }
})

test('what can never fit into WebAssembly is refused before it is fetched', async () => {
  const { createWasmBackend } = await import('../../src/forward/wasm-backend.ts')
  const { matrix } = await import('../../src/core/tensor-spec.ts')
  const backend = await createWasmBackend()
  const large = { name: 'large', tensors: [matrix('head.weight', 65_536, 20_000)], layerStateByteLength: 0 }
  const inFormat = (format: 'f32' | 'q8') => ({ ...large, plan: new Map([['head.weight', format] as const]) })
  await expect(backend.checkMemory(inFormat('f32'))).rejects.toMatchObject({ code: 'wasm/out-of-memory' })
  await expect(backend.checkMemory(inFormat('q8'))).resolves.toBeUndefined()
})
