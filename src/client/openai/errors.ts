/** @file Errors as OpenAI's clients know them. Thrown is always `RwkvError`; this is what it is called there. */

import { isRwkvError, RwkvError } from '../../core/errors.ts'

/** OpenAI's body of an answer that is an error. */
export interface ErrorBody {
  readonly error: {
    readonly message: string
    readonly type: 'invalid_request_error' | 'server_error'
    /** The parameter at fault, such as `messages[1].content`. */
    readonly param: string | null
    /** OpenAI's name of the fault where it has one, else the code of the `RwkvError`. */
    readonly code: string | null
  }
}

/** OpenAI's names of what can be wrong with a request. */
export type RequestFault =
  | 'invalid_type'
  | 'invalid_value'
  | 'missing_required_parameter'
  | 'model_not_found'
  | 'unknown_parameter'
  | 'unknown_url'
  | 'unsupported_parameter'
  | 'unsupported_value'

/** What is known of a refused request besides its message: the `cause` of its error. */
interface Refusal {
  readonly param: string | null
  readonly fault: RequestFault
}

/** The error to throw where a request is at fault: `option/invalid`. */
export function refusal(param: string | null, fault: RequestFault, message: string): RwkvError {
  return new RwkvError('option/invalid', message, { cause: { param, fault } satisfies Refusal })
}

/**
 * `error` as an HTTP status and a body in OpenAI's shape.
 *
 * @example
 * ```ts
 * import { loadModel } from 'rwkv.js'
 * import { errorBody } from 'rwkv.js/openai'
 *
 * const found = await loadModel('/models/nothing/').catch((error: unknown) => error)
 * const { body } = errorBody(found)
 * console.log(body.error.type, body.error.code) // → server_error file/not-found
 * ```
 */
export function errorBody(error: unknown): { readonly status: number; readonly body: ErrorBody } {
  const message = error instanceof Error ? error.message : String(error)
  const known = isRwkvError(error) ? error : undefined
  const { param, fault } = refusalIn(known)
  const isRequest = fault !== undefined || REQUEST_CODES.has(known?.code ?? '')
  const status = fault === 'model_not_found' || fault === 'unknown_url' ? 404 : isRequest ? 400 : 500
  const type = isRequest ? 'invalid_request_error' : 'server_error'
  return { status, body: { error: { message, type, param: param ?? null, code: fault ?? known?.code ?? null } } }
}

/** Codes of faults that the engine finds in what was asked. */
const REQUEST_CODES: ReadonlySet<string> = new Set(['option/invalid', 'text/unknown-id', 'session/nothing-to-answer'])

function refusalIn(error: RwkvError | undefined): Partial<Refusal> {
  const cause = error?.cause
  return typeof cause === 'object' && cause !== null && 'fault' in cause ? (cause as Refusal) : {}
}
