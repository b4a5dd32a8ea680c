import { readFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import type { Model } from '../../../src/core/protocol.ts'
import { createSeededCheckpoint } from '../../../src/model/seeded-checkpoint.ts'
import { tensorsOf } from '../../../src/rwkv/tensors.ts'
import { createOracleModel, mostProbable } from '../../oracle/oracle-model.ts'
import { expectClose } from '../../tools/closeness.ts'
import { withEngine } from '../../tools/engine.ts'
import { createForward } from '../../tools/forward.ts'
import { goldenFolder7 } from '../../tools/golden.ts'
import { withGpu } from '../../tools/gpu.ts'
import { vocabularyText } from '../../tools/vocabulary-text.ts'

const seven128 = `${pathToFileURL(goldenFolder7).href}/models/seven128.bf16.pth`
/** V = 260: a vocabulary for a model that came without one. */
const vocabulary = new File([vocabularyText([' cat', ' dog', '\n\n'])], 'vocab.txt')

test('a token costs at most 8 dispatches a layer and 6, one submit, nothing created, and 4 bytes read back', () =>
  withEngine(async (engine) => {
    const model = await engine.loadModel(seven128, { vocabulary })
    const { L, C, V } = model.info.config
    const session = await model.createSession({ plain: true, shared: false, sampling: { seed: 3, temperature: 1 } })
    await session.prompt('x', { sampling: { maxTokens: 1 } }).summary
    const [, { before }] = await session.transcript()
    const costOf = async (work: () => Promise<unknown>) => {
      const start = await model.counters()
      await work()
      const end = await model.counters()
      return {
        dispatches: end.dispatches - start.dispatches,
        submits: end.submits - start.submits,
        created: end.created - start.created,
        bytesReadBack: end.bytesReadBack - start.bytesReadBack,
      }
    }
    const reply = (maxTokens: number) =>
      costOf(async () => {
        await session.rewind(before)
        const { ids } = await session.respond({ sampling: { maxTokens } }).summary
        expect(ids.length).toBe(maxTokens)
      })
    const [short, long] = [await reply(4), await reply(16)]
    expect(long.dispatches - short.dispatches).toBe(12 * (8 * L + 4))
    expect(long.submits - short.submits).toBe(12)
    expect(long.created - short.created).toBe(0)
    expect(long.bytesReadBack - short.bytesReadBack).toBe(12 * 4)

    const state = await model.createState()
    await state.feed([1, 2, 3])
    const cost = await costOf(() => state.feed([4]))
    expect(cost).toEqual({ dispatches: 8 * L + 3, submits: 1, created: 0, bytesReadBack: V * 4 })

    for (const { halfLifeBounds: { least, most } = { least: [], most: [] } } of (await state.inspect()).layers) {
      expect(least.length).toBe(C)
      expect(least.every((tokens, c) => tokens > 1.14 && tokens < (most[c] as number))).toBe(true) // d > exp(-exp(-1/2))
    }
    await model.dispose()
  }))

test.each([16, 32, 128])(
  'heads of %d channels: logits and greedy ids are the oracle’s, alone and in a prompt',
  (headSize) =>
    withGpu(async (gpu) => {
      const ranks = { v: 8, w: 24, a: 16, g: 40 } // no powers of two
      const config = { version: 7, L: 3, C: 256, F: 776, V: 264, headSize, ranks } as const
      const checkpoint = createSeededCheckpoint(tensorsOf(config), 5)
      const oracle = await createOracleModel(checkpoint)
      const prompt = Array.from({ length: 19 }, (_, i) => (i * 97 + 3) % config.V)
      const known = oracle.createState()
      const parts = await createForward(gpu, checkpoint, { slots: 2 })
      const feed = async (slot: number, ids: readonly number[]) =>
        (await parts.forward.step([{ slot, ids, outputs: 'last' }]))[0] as Float32Array
      const [whole, single] = [await parts.pool.allocate(), await parts.pool.allocate()]
      let logits = await feed(whole, prompt)
      let expected = oracle.feed(known, prompt)
      expectClose(logits, expected, { atol: 1e-3, rtol: 1e-3 })
      let alone = new Float32Array(0)
      for (const id of prompt) alone = (await feed(single, [id])) as Float32Array<ArrayBuffer>
      expectClose(alone, expected, { atol: 1e-3, rtol: 1e-3 })
      for (let i = 0; i < 8; i++) {
        const id = mostProbable(expected)
        expect(mostProbable(logits)).toBe(id)
        logits = await feed(whole, [id])
        expected = oracle.feed(known, [id])
      }
      parts.dispose()
    }),
)

test('q8 says the set’s 32 greedy ids, and predicts them within 0.005 nats of f32', () =>
  withEngine(async (engine) => {
    const cases = JSON.parse(await readFile(`${goldenFolder7}/cases/seven128.bf16.json`, 'utf8'))
    const { prompt, tokens }: { prompt: number[]; tokens: number[] } = cases.greedy
    const text = tokens.slice(0, 32)
    const open = (weights: 'f32' | 'q8') => engine.loadModel(seven128, { weights })
    const greedy = async (model: Model, ids: readonly number[], count: number) => {
      const state = await model.createState()
      const said: number[] = []
      await state.feed(ids)
      while (said.length < count) {
        said.push(mostProbable(await state.logits()))
        await state.feed(said.slice(-1))
      }
      await state.dispose()
      return said
    }
    const [full, q8] = [await open('f32'), await open('q8')]
    expect(await greedy(q8, prompt, 32)).toEqual(text)
    const nll = async (model: Model) => (await model.evaluate([...prompt, ...text])).nllPerToken
    expect(Math.abs((await nll(q8)) - (await nll(full)))).toBeLessThan(0.005)
    await full.dispose()
    await q8.dispose()
  }))
