import { expect, test } from 'vitest'
import { expectClose } from '../tools/closeness.ts'
import { withTiny } from '../tools/tiny-model.ts'

test.each(['engine', 'worker'] as const)(
  'through the %s, states and sessions tell how much of them is recent',
  (through) =>
    withTiny(
      async (model) => {
        const { L, C } = model.info.config
        const state = await model.createState()
        await state.feed([0, 5, 9, 200])
        const since = await state.read()
        await state.feed([7, 8, 9])
        const { layers } = await state.inspect({ since, tokens: 3 })
        expect(layers.length).toBe(L)
        for (const { norms, halfLife, recentShare } of layers) {
          expect([halfLife.length, recentShare?.length]).toEqual([C, C])
          expect(halfLife.every((tokens) => tokens > 0)).toBe(true)
          expect(recentShare?.every((share) => share >= 0 && share <= 1)).toBe(true)
          for (const norm of Object.values(norms)) expect(norm).toBeGreaterThan(0)
          // What fades faster holds more of what is new: the fastest channels nearly nothing else.
          const [fastest] = Array.from(halfLife.keys()).sort((a, b) => halfLife[a] - halfLife[b])
          const [slowest] = Array.from(halfLife.keys()).sort((a, b) => halfLife[b] - halfLife[a])
          expect(recentShare?.[fastest]).toBeGreaterThan(recentShare?.[slowest] ?? 1)
        }
        expect((await state.inspect()).layers[0].recentShare).toBeUndefined()

        const session = await model.createSession({ shared: false })
        await session.append('abc')
        const mark = await session.mark()
        await session.append('def')
        const seen = await model.createState()
        await seen.feed([0, ...(await model.encode('ab'))])
        const before = await seen.read()
        await seen.feed(await model.encode('cde')) // the last id of what was appended waits
        const expected = await seen.inspect({ since: before, tokens: 3 })
        const found = await session.inspect({ since: mark })
        found.layers.forEach(({ recentShare }, layer) => {
          expectClose(recentShare ?? [], expected.layers[layer].recentShare ?? [NaN], { atol: 1e-4 })
        })
        const [{ before: start }] = await session.transcript()
        await session.rewind(start)
        await expect(session.inspect({ since: mark })).rejects.toMatchObject({ code: 'option/invalid' })
      },
      { through },
    ),
)

test('states that do not fit the model, or are not finite, are refused', () =>
  withTiny(async (model) => {
    const state = await model.createState()
    const rows = await state.read()
    await expect(state.write(rows.subarray(1))).rejects.toMatchObject({ code: 'option/invalid' })
    await expect(state.inspect({ since: rows.subarray(1), tokens: 1 })).rejects.toMatchObject({
      code: 'option/invalid',
    })
    await expect(state.inspect({ since: rows, tokens: -1 })).rejects.toMatchObject({
      code: 'option/invalid',
      message: expect.stringContaining('tokens is -1'),
    })
    const broken = rows.slice()
    broken[3] = Number.NaN
    await expect(state.write(broken)).rejects.toMatchObject({ message: expect.stringContaining('Number 3') })
    expect(await state.read()).toEqual(rows)
  }))
