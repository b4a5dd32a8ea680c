/**
 * @file Errors across the worker boundary. Comlink keeps only message, name and stack of an error; this handler adds the
 * code, so that `RwkvError` arrives as what it was. Both sides import this module.
 */

import { transferHandlers } from 'comlink'
import { type ErrorCode, isRwkvError, type ModelChoice, RwkvError } from './errors.ts'

interface Thrown {
  readonly value: unknown
}

interface ErrorMessage {
  readonly error:
    | {
        readonly name: string
        readonly message: string
        readonly stack: string | undefined
        readonly code: ErrorCode | undefined
        readonly choices: readonly ModelChoice[] | undefined
        readonly isDomException: boolean
      }
    | undefined
  readonly value: unknown
}

/** Teach Comlink to carry `RwkvError`s and `DOMException`s such as AbortError. Idempotent. */
export function carryErrors(): void {
  const builtIn = transferHandlers.get('throw')
  if (!builtIn) return
  transferHandlers.set('throw', {
    canHandle: builtIn.canHandle,
    serialize: ({ value }: Thrown): [ErrorMessage, Transferable[]] => {
      if (!(value instanceof Error)) return [{ error: undefined, value }, []]
      const { name, message, stack } = value
      const { code, choices } = isRwkvError(value) ? value : {}
      const isDomException = value instanceof DOMException
      return [{ error: { name, message, stack, code, choices, isDomException }, value: undefined }, []]
    },
    deserialize: ({ error, value }: ErrorMessage) => {
      if (!error) throw value
      throw revive(error)
    },
  })
}

function revive({ name, message, stack, code, choices, isDomException }: NonNullable<ErrorMessage['error']>): Error {
  if (code) return new RwkvError(code, message, { cause: stack, choices })
  if (isDomException) return new DOMException(message, name)
  return Object.assign(new Error(message), { name, ...(stack && { stack }) })
}
