import { expose, wrap } from 'comlink'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { RwkvError } from '../../src/core/errors.ts'
import { carryErrors } from '../../src/core/transfer.ts'

/** What the other side of the channel throws. */
const thrown: Record<string, unknown> = {
  rwkv: new RwkvError('gpu/lost', 'The GPU was lost. Reload the model.', { cause: new Error('driver') }),
  several: new RwkvError('model/several', 'Which?', { choices: [{ name: 'm', byteLength: 7, files: ['m', 'n'] }] }),
  abort: new DOMException('The user has had enough', 'AbortError'),
  timeout: new DOMException('too slow', 'TimeoutError'),
  range: new RangeError('out of range'),
  plain: new Error('plain'),
  text: 'just a text',
  object: { code: 'gpu/lost' },
  nothing: undefined,
}

let ports: MessageChannel
let call: (name: string) => Promise<unknown>

beforeEach(() => {
  carryErrors()
  ports = new MessageChannel()
  const remote = {
    fail(name: string): never {
      throw thrown[name]
    },
    answer: () => 42,
  }
  expose(remote, ports.port2)
  const proxy = wrap<typeof remote>(ports.port1)
  call = (name) => (name === 'answer' ? proxy.answer() : proxy.fail(name))
})

afterEach(() => {
  ports.port1.close()
  ports.port2.close()
})

const caught = (name: string) =>
  call(name).then(
    () => expect.unreachable(),
    (error: unknown) => error,
  )

describe('carryErrors', () => {
  test('a RwkvError arrives as one, with code and message, and says where it was made', async () => {
    const error = await caught('rwkv')
    expect(error).toBeInstanceOf(RwkvError)
    expect(error).not.toBe(thrown.rwkv)
    expect(error).toMatchObject({
      name: 'RwkvError',
      code: 'gpu/lost',
      message: 'The GPU was lost. Reload the model.',
      cause: expect.stringContaining('transfer.test.ts'),
    })
  })

  test('its choices come with it, and no others', async () => {
    expect(await caught('several')).toMatchObject({ choices: [{ name: 'm', byteLength: 7, files: ['m', 'n'] }] })
    expect(await caught('rwkv')).not.toHaveProperty('choices')
  })

  test.each(['abort', 'timeout'])('a DOMException arrives as one: %s', async (name) => {
    const error = await caught(name)
    const { name: expected, message } = thrown[name] as DOMException
    expect(error).toBeInstanceOf(DOMException)
    expect(error).toMatchObject({ name: expected, message })
  })

  test.each(['range', 'plain'])('another error keeps name, message and stack: %s', async (name) => {
    const error = await caught(name)
    const { name: expected, message, stack } = thrown[name] as Error
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({ name: expected, message, stack })
    expect(error).not.toHaveProperty('code')
  })

  test.each(['text', 'object', 'nothing'])('what is no error arrives as it is: %s', async (name) => {
    expect(await caught(name)).toEqual(thrown[name])
  })

  test('twice is once, and answers come through as before', async () => {
    carryErrors()
    expect(await caught('rwkv')).toMatchObject({ code: 'gpu/lost' })
    expect(await call('answer')).toBe(42)
  })
})
