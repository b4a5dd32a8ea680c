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
        for (const { norms, halfLife = new Float32Array(), recentShare } of layers) {
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

test.each(['engine', 'worker'] as const)(
  'through the %s, the state of a session can be read while it replies, and is what its ids make of a state',
  (through) =>
    withTiny(
      async (model) => {
        const session = await model.createSession({ shared: false, sampling: { temperature: 0 } })
        const reply = session.prompt('abc', { sampling: { minTokens: 12, maxTokens: 12 } })
        let during: Float32Array | undefined
        for await (const _ of reply) during ??= await session.read()
        const { ids } = await reply.summary
        const state = await model.createState()
        const [message] = await session.transcript()
        await state.feed([0, ...message.ids])
        const moments: Float32Array[] = []
        for (const id of ids) {
          await state.feed([id])
          moments.push(await state.read())
        }
        const at = moments.findIndex((rows) => isSame(rows, during ?? []))
        expect(at).toBeGreaterThanOrEqual(0)
        expect(at).toBeLessThan(ids.length - 1)
        const twin = await session.fork()
        expect(await twin.read()).toEqual(await session.read())
      },
      { through },
    ),
)

/** Equal but for rounding: prompts go through in another kernel than single ids. */
function isSame(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  return (
    a.length === b.length &&
    Array.from(a, (value, i) => Math.abs(value - b[i]) <= 1e-3 + 1e-3 * Math.abs(b[i])).every(Boolean)
  )
}

test('a state is only set to what can be one: by type, shape and values; whatever is refused leaves it as it is', () =>
  withTiny(async (model) => {
    const state = await model.createState()
    await state.feed([0, 7])
    const rows = await state.read()
    const logits = await state.logits()
    const with3rd = (value: number) => rows.map((one, i) => (i === 3 ? value : one))
    const { L, C } = model.info.config
    const longer = new Float32Array(rows.length + 1)
    for (const [work, sentence] of [
      [
        () => state.write(rows.subarray(1)),
        `${L * 5 * C} numbers (layers, rows, channels), rows attX ffnX aa bb pp; got ${rows.length - 1}`,
      ],
      [() => state.write(longer), `got ${longer.length} numbers`],
      [() => state.write([...rows] as unknown as Float32Array), 'got object'],
      [() => state.write(undefined as unknown as Float32Array), 'got undefined'],
      [() => state.write(with3rd(Number.NaN)), 'Number 3 of the state is NaN'],
      [() => state.write(with3rd(-Infinity)), 'Number 3 of the state is -Infinity'],
      [() => state.inspect({ since: rows.subarray(1), tokens: 1 }), 'a Float32Array of'],
      [() => state.inspect({ since: rows, tokens: -1 }), 'tokens is -1'],
    ] as const)
      await expect(work(), sentence).rejects.toMatchObject({
        code: 'option/invalid',
        message: expect.stringContaining(sentence),
      })
    expect(await state.read()).toEqual(rows)
    expect(await state.logits()).toEqual(logits)

    const twin = await model.createState()
    await twin.write(rows)
    await expect(twin.logits()).rejects.toMatchObject({ code: 'session/no-logits' })
    for (const one of [state, twin]) await one.feed([9])
    expect(await twin.logits()).toEqual(await state.logits())
  }))
