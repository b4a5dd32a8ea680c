import { describe, expect, test } from 'vitest'
import type { Model, TraceName } from '../../src/core/protocol.ts'
import { openOracle } from '../oracle/oracle-model.ts'
import { expectClose } from '../tools/closeness.ts'
import { testedDevice, withEngine } from '../tools/engine.ts'
import { tinyWeights, withTiny } from '../tools/tiny-model.ts'

const names: readonly TraceName[] = ['x', 'r', 'k', 'v', 'wkv']

/** What one more token costs, by every counter there is. */
async function costOfToken(model: Model) {
  const state = await model.createState()
  await state.feed([1])
  const before = await model.counters()
  await state.feed([2])
  const after = await model.counters()
  await state.dispose()
  return Object.entries(after).map(([name, value]) => [name, value - before[name as keyof typeof before]])
}

describe('a trace', () => {
  test.each(['engine', 'worker'] as const)(
    'through the %s: x, r, k, v and wkv of every layer are those of the oracle, in any chunking, and the text goes on',
    (through) =>
      withTiny(
        async (model) => {
          const { L, C } = model.info.config
          const oracle = await openOracle(tinyWeights)
          const state = await model.createState()
          const oracleState = oracle.createState()
          for (const [ids, options] of [
            [[0], {}],
            [[220, 23, 225, 9, 14, 77, 5], {}],
            [[8, 8, 100], { chunk: 2 }],
            [[31], {}],
          ] as const) {
            const expected = new Map<string, number[]>()
            const logits = oracle.feed(oracleState, ids, (layer, name, value) => {
              expected.set(`${layer} ${name}`, [...(expected.get(`${layer} ${name}`) ?? []), ...value])
            })
            const layers = await state.trace(ids, options)
            expect(layers.map(({ layer }) => layer)).toEqual(Array.from({ length: L }, (_, layer) => layer))
            for (const { layer, ...values } of layers) {
              expect(Object.keys(values)).toEqual(names)
              for (const name of names) {
                expect(values[name].length).toBe(ids.length * C)
                expectClose(values[name], expected.get(`${layer} ${name}`) ?? [NaN], { atol: 1e-4, rtol: 1e-4 })
              }
            }
            expectClose(await state.logits(), logits, { atol: 1e-3 })
          }
        },
        { through },
      ),
  )

  test('tells only what was asked for, and refuses what there is not by name', () =>
    withTiny(async (model) => {
      const state = await model.createState()
      const [last, ...others] = await state.trace([3, 4], { layers: [1], of: ['wkv', 'k'] })
      expect(others).toEqual([])
      expect([last.layer, Object.keys(last).sort()]).toEqual([1, ['k', 'layer', 'wkv']])
      expect(await state.trace([], { of: ['x'] })).toEqual([0, 1].map((layer) => ({ layer, x: new Float32Array() })))
      expect(await state.trace([5], { layers: [] })).toEqual([])
      const before = await state.read()
      for (const [options, sentence] of [
        [{ layers: [2] }, 'layers holds 2; expected whole numbers from 0 to 1'],
        [{ of: ['q' as 'k'] }, 'of holds q; expected any of x, r, k, v, wkv'],
      ] as const) {
        const refusal = { code: 'option/invalid', message: expect.stringContaining(sentence) }
        await expect(state.trace([1], options)).rejects.toMatchObject(refusal)
      }
      const stop = AbortSignal.abort(new Error('enough'))
      await expect(state.trace([1], { signal: stop })).rejects.toThrow('enough')
      expect(await state.read()).toEqual(before)
    }))

  test('is free for whoever does not look: before, beside and after it a token costs the same, to the dispatch', () =>
    withTiny(async (model) => {
      const before = await costOfToken(model)
      const { gpuByteLength } = await model.counters()
      const state = await model.createState()
      const [, beside] = await Promise.all([state.trace([1, 2, 3]), model.createState()])
      await Promise.all([state.trace([4]), beside.feed([5])])
      for (const one of [state, beside]) await one.dispose()
      expect(await costOfToken(model)).toEqual(before)
      expect((await model.counters()).gpuByteLength).toBe(gpuByteLength)
    }))
})

// A step in WebAssembly has no middle.
if (testedDevice === 'webgpu')
  test('a model that goes during a trace ends it, and the GPU is asked for nothing that is gone', () => {
    let begun = () => {}
    return withEngine(
      async (engine) => {
        const model = await engine.loadModel(tinyWeights)
        const state = await model.createState()
        const gone = new Promise<void>((resolve) => {
          begun = () => resolve(Promise.resolve().then(model.dispose))
        })
        await expect(state.trace([1, 2, 3])).rejects.toMatchObject({ code: 'model/disposed' })
        await gone
        expect((await model.counters()).gpuByteLength).toBe(0)
      },
      {
        onDevice(device) {
          const createBuffer = device.createBuffer.bind(device)
          device.createBuffer = (descriptor) => {
            if (descriptor.label === 'watched values') begun()
            return createBuffer(descriptor)
          }
        },
      },
    )
  })
