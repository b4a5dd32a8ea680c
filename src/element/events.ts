/** @file Makes the element's events. */

import { isRwkvError } from '../core/errors.ts'
import type { RwkvChatEventDetails, RwkvChatEventMap } from './types.ts'

/** Names of all events, for manifests and tests. */
export const eventNames = [
  'statechange',
  'progress',
  'token',
  'message',
  'rewind',
  'error',
  'beforesend',
] as const satisfies readonly (keyof RwkvChatEventMap)[]

/** An event that bubbles and crosses shadow roots; `beforesend` can be cancelled. */
export function createEvent<Name extends keyof RwkvChatEventMap>(
  type: Name,
  detail: RwkvChatEventDetails[Name],
): CustomEvent<RwkvChatEventDetails[Name]> {
  return new CustomEvent(type, { detail, bubbles: true, composed: true, cancelable: type === 'beforesend' })
}

/** What an `error` event says of whatever was thrown. */
export function describeError(error: unknown): RwkvChatEventDetails['error'] {
  const message = error instanceof Error ? error.message : String(error)
  return { error, code: isRwkvError(error) ? error.code : 'unknown', message }
}
