/** @file What a view says while there is no model to work with. */

import type { ChatState } from '../../../src/element/types.ts'
import { text } from '../../text.ts'

/** Why there is none in a chat of this state, and where to look. */
export function sayNoModel(state: ChatState): string {
  return text.noModel[state === 'unsupported' || state === 'failed' ? state : 'coming']
}
