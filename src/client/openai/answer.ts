/** @file What answers to chats and to completions have in common: their head, what they cost, and the way of their parts. */

import type { Model, ReplySummary, SaidToken, TokenChoice } from '../../core/protocol.ts'
import { costOf, type ReplyEvent } from '../shapes/replies.ts'
import type { TokenLogprob, Usage } from './types.ts'

/** Clock and chance, so that tests can have their own. */
export interface Surroundings {
  /** Milliseconds, from any beginning. */
  readonly now: () => number
  /** Milliseconds since 1970. */
  readonly date: () => number
  /** Another text at each call. */
  readonly randomId: () => string
}

/** Those of this platform. */
export const platform: Surroundings = {
  now: () => performance.now(),
  date: () => Date.now(),
  randomId: () => crypto.randomUUID().replaceAll('-', ''),
}

/** What every part of an answer begins with. */
export function headOf({ info }: Model, kind: 'chatcmpl' | 'cmpl', { date, randomId }: Surroundings) {
  return {
    id: `${kind}-${randomId()}`,
    created: Math.floor(date() / 1000),
    model: info.name,
    system_fingerprint: `fp_${info.fingerprint.slice(0, 12)}`,
  }
}

/** What is measured while replies are made. */
export interface Meter {
  /** Reading context `group` took until now. */
  read(group?: number): void
  hear(event: ReplyEvent, group?: number): void
  usage(): Usage
}

/** A meter that starts now. */
export function createMeter(now: () => number): Meter {
  const start = now()
  const groups: { summaries: ReplySummary[]; readMs: number }[] = []
  let firstMs: number | undefined
  const groupAt = (place: number) => {
    groups[place] ??= { summaries: [], readMs: 0 }
    return groups[place]
  }
  return {
    read(group = 0) {
      groupAt(group).readMs = now() - start
    },
    hear(event, group = 0) {
      firstMs ??= now() - start
      if (event.type === 'end') groupAt(group).summaries.push(event.summary)
    },
    usage() {
      const { contextTokens, reusedTokens, saidTokens, thoughtTokens, fedPerSecond, saidPerSecond } = costOf(groups)
      return {
        prompt_tokens: contextTokens,
        completion_tokens: saidTokens,
        total_tokens: contextTokens + saidTokens,
        prompt_tokens_details: { cached_tokens: reusedTokens },
        ...(thoughtTokens > 0 && { completion_tokens_details: { reasoning_tokens: thoughtTokens } }),
        prefill_tokens_per_second: fedPerSecond,
        decode_tokens_per_second: saidPerSecond,
        time_to_first_token_ms: firstMs ?? now() - start,
      }
    },
  }
}

/** A token as chats tell it. */
export function logprobOf({ text, logprob = 0 }: TokenChoice): TokenLogprob {
  const bytes = text.includes('\ufffd') ? null : [...new TextEncoder().encode(text)] // a part of a character, else
  return { token: text, bytes, logprob }
}

/** A token with its alternatives; its bytes are what it adds to the text. */
export function logprobsOf(token: SaidToken): TokenLogprob & { top_logprobs: TokenLogprob[] } {
  const bytes = [...new TextEncoder().encode(token.text)]
  return { ...logprobOf(token), bytes, top_logprobs: (token.alternatives ?? []).map(logprobOf) }
}

/** Why a reply ended, in OpenAI's words; one that was aborted does not get this far. */
export function finishOf({ finishReason }: ReplySummary): 'stop' | 'length' {
  return finishReason === 'length' ? 'length' : 'stop'
}
