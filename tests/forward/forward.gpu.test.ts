import { readFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { openUrl } from '../../src/file/byte-source.ts'
import { openCheckpoint } from '../../src/file/checkpoint.ts'
import { fileFetch } from '../../src/node/file-fetch.ts'
import { createFiniteCheck } from '../bench/finite-check.ts'
import { longRun } from '../bench/long-run.ts'
import { expectClose } from '../tools/closeness.ts'
import { goldenModel, storyteller, withEngine } from '../tools/engine.ts'
import { createForward } from '../tools/forward.ts'
import { goldenFolder7 } from '../tools/golden.ts'
import { bufferOf, withGpu } from '../tools/gpu.ts'
import { randomArray } from '../tools/random-array.ts'

describe('time-parallel and time-sequential mode leave the same state', () => {
  test.each([
    { name: 'storyteller', url: storyteller, tokens: 100 },
    { name: 'steep64', url: goldenModel('steep64.f32.safetensors'), tokens: 300 },
  ])('$name, $tokens tokens in chunks of 7, 64 and 256 against single steps', { timeout: 300_000 }, ({ url, tokens }) =>
    withEngine(async (engine) => {
      const model = await engine.loadModel(url)
      const { L, C, V } = model.info.config
      const ids =
        url === storyteller
          ? await model.encode(await readFile(new URL('heldout.txt', url), 'utf8'))
          : Array.from(randomArray(1, 1000, V / 2), (value) => Math.floor(value + V / 2))
      const text = ids.slice(0, tokens)
      expect(text.length).toBe(tokens)

      const states: Float32Array[] = []
      for (const chunk of [1, 7, 64, 256]) {
        const state = await model.createState()
        await state.feed(text, { chunk })
        states.push(await state.read())
      }
      const [sequential = new Float32Array(0), ...parallel] = states.map((rows) => comparable(rows, { L, C }))
      for (const rows of parallel) {
        rows.forEach((row, i) => {
          const reference = sequential[i] as Float64Array
          const most = reference.reduce((most, value) => Math.max(most, Math.abs(value)), 1)
          expectClose(row, reference, { atol: 1e-4 * most })
        })
      }
      await model.dispose()
    }),
  )
})

/**
 * Rows that can be compared: aa, bb and pp say the same in many ways, so the mean aa/bb and the logarithm of the
 * denominator, log(bb) + pp, stand for them. (L · 4, C)
 */
function comparable(state: Float32Array, { L, C }: { L: number; C: number }): Float64Array[] {
  return Array.from({ length: L }, (_, layer) => {
    const [attX, ffnX, aa, bb, pp] = Array.from({ length: 5 }, (_, row) =>
      Float64Array.from(state.subarray((layer * 5 + row) * C, (layer * 5 + row + 1) * C)),
    )
    return [attX, ffnX, aa.map((value, c) => value / bb[c]), bb.map((value, c) => Math.log(value) + pp[c])]
  }).flat()
}

test.each([
  goldenModel('plain64.f32.safetensors'),
  `${pathToFileURL(goldenFolder7).href}/models/seven128steep.f32.safetensors`,
])('states that lie in a buffer a layer become, to the bit, what they become in one: %s', (url) =>
  withGpu(async (gpu) => {
    const checkpoint = await openCheckpoint(await openUrl({ url, fetch: fileFetch }))
    const found: unknown[] = []
    for (const isSplit of [false, true]) {
      const { forward, pool, dispose } = await createForward(gpu, checkpoint, { slots: 3, isSplit })
      const [a, b] = [await pool.allocate(), await pool.allocate()]
      const logits = [
        await forward.step([{ slot: a, ids: [1, 2, 3], outputs: 'last' }]),
        await forward.step([
          { slot: b, ids: [4], outputs: 'last' },
          { slot: a, ids: [5, 6], outputs: 'last' },
        ]),
        await forward.step([{ slot: b, ids: [7], outputs: 'last' }]),
      ]
      found.push([logits, await pool.read(a), await pool.read(b)])
      expect(new Set([0, 1].map((layer) => pool.layer(layer).buffer)).size).toBe(isSplit ? 2 : 1)
      dispose()
    }
    expect(found[1]).toEqual(found[0])
  }),
)

test('2,000 tokens leave a finite state, and not a byte more', { timeout: 300_000 }, () =>
  withGpu(async (gpu) => {
    const steep = await openCheckpoint(await openUrl({ url: goldenModel('steep64.f32.safetensors'), fetch: fileFetch }))
    const found = await longRun(gpu, steep, { tokens: 2000 }) // keys beyond what exp can take
    expect(found.notFinite).toBe(0)
    expect(found.gpuBytesAtEnd).toBe(found.gpuBytesAtStart)
  }),
)

test('the check for finite values counts those that are not', () =>
  withGpu(async (gpu) => {
    const buffer = bufferOf(gpu, 'values', new Float32Array([1, NaN, 3e38, -Infinity, 1e-40, Infinity, 0]))
    const check = await createFiniteCheck(gpu, buffer)
    check.look()
    expect(await check.count()).toBe(3)
    for (const owned of [check, buffer]) owned.dispose()
  }))
