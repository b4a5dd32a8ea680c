import { expect, test } from 'vitest'
import { followMessage, whatIsLeft } from '../../../demo/views/state/fading.ts'
import { type Inspection, type Mark, type Message, RwkvError, type Session } from '../../../src/index.ts'

const HALF = 4 // tokens after which half of a sum is left: then the share of the last n is 1 - 2^(-n / HALF)
const TOKENS = 3 // of each message

const mark = (place: number): Mark => ({ id: place + 1, tokens: place * TOKENS, messages: place })
const transcript = Array.from(
  { length: 4 },
  (_, place): Message => ({ role: 'user', text: `message ${place}`, ids: [1, 2, 3], before: mark(place) }),
)

/** What a session of these messages tells, at the moment when it has seen so many tokens. */
function createFake({ tokens, gone = [], opened = { count: 0 } }: Fake): Session {
  const unused = () => {
    throw new Error('not used')
  }
  return {
    transcript: async () => transcript,
    async inspect(options?: { since: Mark }): Promise<Inspection> {
      const since = options?.since
      if (!since || gone.includes(since.id)) throw new RwkvError('session/unknown-mark', 'gone')
      const recent = 1 - 2 ** (-(tokens - since.tokens) / HALF)
      const norms = { attX: 0, ffnX: 0, mean: 0 }
      return { layers: [{ norms, halfLife: new Float32Array([HALF]), recentShare: new Float32Array([recent]) }] }
    },
    async branch(at: Mark) {
      opened.count++
      return createFake({ tokens: at.tokens, gone, opened })
    },
    async dispose() {
      opened.count--
    },
    ...Object.fromEntries(
      ['prompt', 'respond', 'append', 'beamSearch', 'read', 'mark', 'rewind', 'fork', 'save'].map((name) => [
        name,
        unused,
      ]),
    ),
  } as unknown as Session
}

interface Fake {
  readonly tokens: number
  readonly gone?: readonly number[]
  readonly opened?: { count: number }
}

test('the shares of all messages and of what was before them make the whole, and each fades by its half-life', async () => {
  const left = await whatIsLeft(createFake({ tokens: 4 * TOKENS }), 10)
  expect(left.map(({ message }) => message.text)).toEqual(['message 0', 'message 1', 'message 2', 'message 3'])
  const shares = left.map(({ shares }) => shares[0] as number)
  const before = 2 ** (-(4 * TOKENS) / HALF)
  expect(shares.reduce((sum, share) => sum + share, before)).toBeCloseTo(1, 6)
  for (let i = 1; i < shares.length; i++) expect(shares[i - 1]).toBeCloseTo(shares[i] * 2 ** (-TOKENS / HALF), 6)
})

test('messages whose marks are gone, and all before them, are left out', async () => {
  const left = await whatIsLeft(createFake({ tokens: 12, gone: [2] }), 10)
  expect(left.map(({ message }) => message.text)).toEqual(['message 2', 'message 3'])
  expect(await whatIsLeft(createFake({ tokens: 12 }), 1)).toHaveLength(1)
})

test('a message is followed from its end to now, and every branch is closed', async () => {
  const opened = { count: 0 }
  const moments = await followMessage(createFake({ tokens: 12, opened }), transcript[1] as Message)
  expect(moments.map(({ tokens }) => tokens)).toEqual([6, 9, 12])
  const [first = 0, ...later] = moments.map(({ shares }) => shares[0] as number)
  expect(first).toBeCloseTo(1 - 2 ** (-TOKENS / HALF), 6)
  later.forEach((share, i) => {
    expect(share).toBeCloseTo(first * 2 ** ((-TOKENS * (i + 1)) / HALF), 6)
  })
  expect(opened.count).toBe(0)
})
