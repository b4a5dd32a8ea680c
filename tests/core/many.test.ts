import { describe, expect, test } from 'vitest'
import { createMany } from '../../src/core/many.ts'
import type { PromptOptions, Reply, SaidToken, Session } from '../../src/core/protocol.ts'
import { createReply } from '../../src/core/reply.ts'

/** Sessions that answer with their seed, as probable as `logprobOf` says, and count how many of them are alive. */
function sessions({ logprobOf = (_seed: number) => [-1], failAt = Infinity } = {}) {
  const log: string[] = []
  let alive = 0
  let made = 0
  const answer = (text: string, { sampling, onToken, signal }: PromptOptions): Reply =>
    createReply(async (emit, ended) => {
      const seed = sampling?.seed ?? -1
      log.push(`${text}#${seed}`)
      const tokens = logprobOf(seed).map((logprob, index): SaidToken => ({ index, id: seed, text: 'x', logprob }))
      for (const token of tokens) onToken?.(token)
      emit(`${seed}`)
      const finishReason = ended.aborted ? 'abort' : 'stop'
      const times = {
        promptTokens: 0,
        contextTokens: 0,
        reusedTokens: 0,
        promptMs: 0,
        generateMs: 0,
        tokensPerSecond: 0,
      }
      return { text: `${seed}`, ids: tokens.map(() => seed), tokens, seed, finishReason, ...times }
    }, signal)
  const create = async (heard = ''): Promise<Session> => {
    if (made++ >= failAt) throw new Error('no room')
    alive++
    const unused = () => Promise.reject(new Error('not used'))
    let text = heard
    return {
      prompt: (message, options = {}) => answer(text + message, options),
      respond: (options = {}) => answer(text, options),
      append: async (message, { role } = {}) => {
        text += `${role}:${message}`
      },
      fork: () => create(text),
      dispose: async () => {
        alive--
      },
      transcript: unused,
      mark: unused,
      rewind: unused,
      branch: unused,
      save: unused,
      saveParts: unused,
      beamSearch: unused,
      inspect: unused,
      read: unused,
    }
  }
  const many = createMany(({ system = '' } = {}) => create(system))
  return { ...many, create, log, alive: () => alive }
}

const summaries = (replies: readonly Reply[]) => Promise.all(replies.map(({ summary }) => summary))

describe('generateMany', () => {
  test('answers each prompt in a session of its own, with seeds that count up, and disposes them', async () => {
    const { generateMany, log, alive } = sessions()
    const heard: string[] = []
    const onToken = ({ text }: SaidToken, reply: number) => heard.push(`${reply}${text}`)
    const replies = await generateMany(['a', 'b'], { system: 'S', sampling: { seed: 7 }, onToken })
    expect((await summaries(replies)).map(({ text }) => text)).toEqual(['7', '8'])
    expect([log, heard, alive()]).toEqual([['Sa#7', 'Sb#8'], ['0x', '1x'], 0])
  })

  test('answers one message n times, which is read once, and leaves the session alone', async () => {
    const { generateMany, create, log, alive } = sessions()
    const session = await create()
    const all = await summaries(await generateMany({ session, prompt: 'q', n: 3 }, { sampling: { seed: 0 } }))
    expect(all.map(({ seed }) => seed)).toEqual([0, 1, 2])
    expect([log, alive()]).toEqual([['user:q#0', 'user:q#1', 'user:q#2'], 1])
  })

  test('after the greatest seed comes 0; without one it is by chance', async () => {
    const { generateMany } = sessions()
    const seed = Number.MAX_SAFE_INTEGER - 1
    const seeds = (await summaries(await generateMany(['', '', '', ''], { sampling: { seed } }))).map((one) => one.seed)
    expect(seeds).toEqual([seed, seed + 1, 0, 1])
    const [first, second] = await summaries([...(await generateMany([''])), ...(await generateMany(['']))])
    expect(first.seed).not.toBe(second.seed)
  })

  test('if a session cannot be made, none is left over', async () => {
    const { generateMany, create, alive } = sessions({ failAt: 4 })
    const session = await create()
    await expect(generateMany({ session, n: 5 })).rejects.toThrow('no room')
    expect(alive()).toBe(1)
  })
})

describe('bestOf', () => {
  test('takes the reply with the most probable tokens on average, and gives its session', async () => {
    const logprobs = [[-1, -1, -1], [-0.5, -1.2], [], [-3]]
    const { bestOf, create, alive } = sessions({ logprobOf: (seed) => logprobs[seed] })
    const session = await create()
    const best = await bestOf({ session, prompt: 'q', n: 4 }, { sampling: { seed: 0 } })
    expect(best.summary.seed).toBe(1)
    expect(best.all.map(({ seed }) => seed)).toEqual([0, 1, 2, 3])
    expect(alive()).toBe(2)
    await best.session.dispose()
    expect(alive()).toBe(1)
  })

  test('an abort is thrown, and leaves nothing', async () => {
    const { bestOf, create, alive } = sessions()
    const session = await create()
    const stop = new AbortController()
    const onToken = () => stop.abort(new Error('enough'))
    await expect(bestOf({ session, n: 3 }, { signal: stop.signal, onToken })).rejects.toThrow('enough')
    expect(alive()).toBe(1)
  })
})
