import { describe, expect, test } from 'vitest'
import type { ReplySummary } from '../../src/core/protocol.ts'
import { createReply } from '../../src/core/reply.ts'

const summaryOf = (finishReason: ReplySummary['finishReason']): ReplySummary => ({
  text: '',
  ids: [],
  seed: 1,
  finishReason,
  promptTokens: 0,
  promptMs: 0,
  contextTokens: 0,
  reusedTokens: 0,
  generateMs: 0,
  tokensPerSecond: 0,
})

/** Once everything that could go on has gone on. */
const settled = () => new Promise((resolve) => setTimeout(resolve))

/** Emits a, b, c, … one a turn of the event loop, until it is ended. */
const endless = (made: string[]) => async (emit: (piece: string) => void, signal: AbortSignal) => {
  for (let code = 97; !signal.aborted; code++) {
    made.push(String.fromCharCode(code))
    emit(String.fromCharCode(code))
    await settled()
  }
  return summaryOf('abort')
}

async function collect(reply: AsyncIterable<string>): Promise<{ pieces: string[]; error: unknown }> {
  const pieces: string[] = []
  try {
    for await (const piece of reply) pieces.push(piece)
  } catch (error) {
    return { pieces, error }
  }
  return { pieces, error: undefined }
}

describe('createReply', () => {
  test('all pieces in order, the empty ones left out, however they are spaced', async () => {
    const reply = createReply(async (emit) => {
      for (const piece of ['a', '', 'b']) emit(piece)
      await settled()
      emit('c')
      await settled()
      for (const piece of ['d', 'e', '']) emit(piece)
      return summaryOf('stop')
    })
    expect(await collect(reply)).toEqual({ pieces: ['a', 'b', 'c', 'd', 'e'], error: undefined })
    expect((await reply.summary).finishReason).toBe('stop')
  })

  test('work begins at once and goes on without a reader, who may come late', async () => {
    let isBegun = false
    const reply = createReply(async (emit) => {
      isBegun = true
      emit('a')
      return summaryOf('stop')
    })
    expect(isBegun).toBe(true)
    await reply.summary
    expect((await collect(reply)).pieces).toEqual(['a'])
  })

  test('a slow reader loses nothing', async () => {
    const reply = createReply(async (emit) => {
      for (let i = 0; i < 100; i++) emit(`${i} `)
      return summaryOf('stop')
    })
    let text = ''
    for await (const piece of reply) {
      await settled()
      text += piece
    }
    expect(text).toBe(Array.from({ length: 100 }, (_, i) => `${i} `).join(''))
  })

  test('breaking out of the iterator ends the work, and the summary tells of it', async () => {
    const made: string[] = []
    const reply = createReply(endless(made))
    for await (const piece of reply) if (piece === 'c') break
    expect((await reply.summary).finishReason).toBe('abort')
    expect(made.slice(0, 3)).toEqual(['a', 'b', 'c'])
    expect(made.length).toBeLessThanOrEqual(4)
    expect((await collect(reply)).pieces).toEqual([]) // one iteration only
  })

  test('left before its first piece, or while one is awaited, the work ends at once', async () => {
    const untilEnded = async (_: unknown, signal: AbortSignal) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      return summaryOf('abort')
    }
    const unread = createReply(untilEnded)
    await unread[Symbol.asyncIterator]().return?.()
    expect((await unread.summary).finishReason).toBe('abort')
    const waiting = createReply(untilEnded)
    const iterator = waiting[Symbol.asyncIterator]()
    const piece = iterator.next()
    await iterator.return?.()
    expect(await piece).toEqual({ value: undefined, done: true })
  })

  test('an exception of the reader ends the work as well', async () => {
    const made: string[] = []
    const reply = createReply(endless(made))
    const reading = async () => {
      for await (const _ of reply) throw new Error('no paper')
    }
    await expect(reading()).rejects.toThrow('no paper')
    expect((await reply.summary).finishReason).toBe('abort')
  })

  test("an abort throws the signal's own reason after all pieces that were made", async () => {
    const made: string[] = []
    const controller = new AbortController()
    const reason = new Error('enough')
    const reply = createReply(endless(made), controller.signal)
    await settled()
    await settled()
    controller.abort(reason)
    const { pieces, error } = await collect(reply)
    expect(error).toBe(reason)
    expect(pieces).toEqual(made)
    expect(pieces.length).toBeGreaterThan(0)
    expect((await reply.summary).finishReason).toBe('abort')
  })

  test('an abort that comes too late changes nothing', async () => {
    const controller = new AbortController()
    const reply = createReply(async (emit) => {
      emit('a')
      return summaryOf('length')
    }, controller.signal)
    await reply.summary
    controller.abort()
    expect(await collect(reply)).toEqual({ pieces: ['a'], error: undefined })
  })

  test('with a signal that is aborted already nothing is begun', async () => {
    let isBegun = false
    const source = async () => {
      isBegun = true
      return summaryOf('stop')
    }
    const reason = new Error('before')
    const reply = createReply(source, AbortSignal.abort(reason))
    expect(await collect(reply)).toEqual({ pieces: [], error: reason })
    await expect(reply.summary).rejects.toBe(reason)
    expect(isBegun).toBe(false)
  })

  test('an error reaches the iterator after the pieces, and the summary', async () => {
    const failure = new Error('lost')
    const reply = createReply(async (emit) => {
      emit('a')
      await settled()
      throw failure
    })
    expect(await collect(reply)).toEqual({ pieces: ['a'], error: failure })
    await expect(reply.summary).rejects.toBe(failure)
  })

  test('a source that throws before its first wait is a failed reply, not a throw of the call', async () => {
    const failure = new Error('bad option')
    const reply = createReply(() => {
      throw failure
    })
    await expect(reply.summary).rejects.toBe(failure)
    expect((await collect(reply)).error).toBe(failure)
  })

  test('a failure that nobody looks at is not an unhandled rejection', async () => {
    const unhandled: unknown[] = []
    const listen = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', listen)
    createReply(() => Promise.reject(new Error('unseen')))
    await settled()
    await settled()
    process.off('unhandledRejection', listen)
    expect(unhandled).toEqual([])
  })
})
