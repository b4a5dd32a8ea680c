import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { withHeartbeat } from '../../src/client/heartbeat.ts'
import { RwkvError } from '../../src/core/errors.ts'
import { createGuard } from '../../src/core/guard.ts'

const never = () => new Promise<never>(() => {})
const gone = { code: 'worker/gone' }

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Answers the first time, then never. */
const answersOnce = () => vi.fn<() => Promise<void>>(never).mockResolvedValueOnce()

describe('a worker that goes without an event', () => {
  test('ends every call that waits for it, and each that comes later', async () => {
    const life = withHeartbeat(createGuard(), answersOnce())
    const waiting = [never(), never()].map((call) => expect(life.guard(call)).rejects.toMatchObject(gone))
    await vi.advanceTimersByTimeAsync(30_000)
    await Promise.all(waiting)
    expect(life.ended).toMatchObject(gone)
    await expect(life.guard(never())).rejects.toMatchObject(gone)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('one that answers late, or is busy for ten seconds at a time, is not gone', async () => {
    const answers: (() => void)[] = []
    const life = withHeartbeat(createGuard(), () => new Promise<void>((resolve) => answers.push(resolve)))
    let end = (_: string) => {}
    const call = life.guard(new Promise<string>((resolve) => (end = resolve)))
    await vi.advanceTimersByTimeAsync(1000)
    for (const answer of answers.splice(0)) answer()
    for (let busy = 0; busy < 20; busy++) {
      await vi.advanceTimersByTimeAsync(10_000)
      for (const answer of answers.splice(0)) answer()
    }
    end('done')
    expect(await call).toBe('done')
    expect(life.ended).toBeUndefined()
  })

  test('one whose script is long on its way is not gone', async () => {
    const life = withHeartbeat(createGuard(), never)
    void life.guard(never())
    await vi.advanceTimersByTimeAsync(120_000)
    expect(life.ended).toBeUndefined()
  })

  test('nothing is asked while nothing waits, and what was unanswered before does not count', async () => {
    const ask = answersOnce()
    const life = withHeartbeat(createGuard(), ask)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(ask).not.toHaveBeenCalled()
    for (let call = 0; call < 5; call++) {
      let end = () => {}
      const waits = life.guard(new Promise<void>((resolve) => (end = resolve)))
      await vi.advanceTimersByTimeAsync(9000)
      end()
      await waits
    }
    expect(life.ended).toBeUndefined()
    expect(vi.getTimerCount()).toBe(0)
  })

  test('whatever ended it first is the reason', async () => {
    const life = withHeartbeat(createGuard(), answersOnce())
    const waits = expect(life.guard(never())).rejects.toMatchObject({ code: 'model/disposed' })
    life.end(new RwkvError('model/disposed', 'It was disposed.'))
    await vi.advanceTimersByTimeAsync(60_000)
    await waits
    expect(life.ended?.code).toBe('model/disposed')
  })
})
