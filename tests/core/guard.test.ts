import { expect, test } from 'vitest'
import { RwkvError } from '../../src/core/errors.ts'
import { createGuard } from '../../src/core/guard.ts'

const lost = new RwkvError('gpu/lost', 'lost')
const never = () => new Promise<never>(() => {})

test('while it lives, calls settle as they would', async () => {
  const { guard, ended } = createGuard()
  expect(await guard(Promise.resolve(7))).toBe(7)
  await expect(guard(Promise.reject(new Error('own')))).rejects.toThrow('own')
  expect(ended).toBeUndefined()
})

test('when it ends, every waiting call is rejected with the reason, at once', async () => {
  const life = createGuard()
  const waiting = [never(), never(), never()].map((pending) => life.guard(pending))
  life.end(lost)
  const outcomes = await Promise.allSettled(waiting)
  expect(outcomes).toEqual([1, 2, 3].map(() => ({ status: 'rejected', reason: lost })))
  expect(life.ended).toBe(lost)
})

test('after its end every call is rejected, also one that has its answer; only the first reason counts', async () => {
  const life = createGuard()
  life.end(lost)
  life.end(new RwkvError('model/disposed', 'later'))
  await expect(life.guard(Promise.resolve(7))).rejects.toBe(lost)
  await expect(life.guard(never())).rejects.toBe(lost)
})

test('what was settled before the end stays as it was', async () => {
  const life = createGuard()
  const answered = life.guard(Promise.resolve('early'))
  await answered
  life.end(lost)
  expect(await answered).toBe('early')
})

test('no rejection is left unhandled: neither that of a call given up, nor one of a call made too late', async () => {
  const unhandled: unknown[] = []
  const listen = (reason: unknown) => unhandled.push(reason)
  process.on('unhandledRejection', listen)
  const life = createGuard()
  let fail = (_: Error) => {}
  const call = life.guard(new Promise((_, reject) => (fail = reject)))
  life.end(lost)
  fail(new Error('too late'))
  await expect(call).rejects.toBe(lost)
  await expect(life.guard(Promise.reject(new Error('after')))).rejects.toBe(lost)
  await new Promise((resolve) => setTimeout(resolve, 5))
  process.off('unhandledRejection', listen)
  expect(unhandled).toEqual([])
})

test('within another guard, it ends with that one, and alone leaves it running', async () => {
  const outer = createGuard()
  const [first, second] = [createGuard(outer), createGuard(outer)]
  const never = new Promise(() => {})
  const [ofFirst, ofSecond] = [first.guard(never), second.guard(never)]
  const own = new RwkvError('model/disposed', 'gone')
  first.end(own)
  await expect(ofFirst).rejects.toBe(own)
  expect(await second.guard(Promise.resolve('fine'))).toBe('fine')
  outer.end(lost)
  await expect(ofSecond).rejects.toBe(lost)
  expect([first.ended, second.ended]).toEqual([own, lost])
})
