/** @file Whether a chat request wants the model to think, and for how long. */

import type { ThinkFormat, Thinking } from '../../core/protocol.ts'
import { refusal } from './errors.ts'
import type { ChatRequest } from './types.ts'

const EFFORTS: Readonly<Record<string, Thinking>> = {
  none: false,
  minimal: false,
  low: 'a bit',
  medium: true,
  high: 'a lot',
  xhigh: 'a lot',
}

/** What `reasoning_effort` may be. */
export const efforts: readonly string[] = Object.keys(EFFORTS)

/** @throws RwkvError `option/invalid` where the model was not taught to think */
export function readThinking({ reasoning_effort: effort }: ChatRequest, known: ThinkFormat | undefined): Thinking {
  const thinking = EFFORTS[effort ?? 'none'] ?? false
  if (known || !thinking) return thinking
  throw refusal(
    'reasoning_effort',
    'unsupported_parameter',
    'This model was not taught to think before it answers. Leave reasoning_effort out, or take a model whose name says G1 or later.',
  )
}
