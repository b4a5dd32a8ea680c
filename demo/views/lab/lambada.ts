/** @file LAMBADA: passages whose last word is to be predicted. */

import type { Model } from '../../../src/index.ts'
import { text as all } from './text.ts'

const text = all.evaluate

/** A passage without its last word, and that word with the space in front of it. */
export interface Passage {
  readonly context: string
  readonly word: string
}

/** How it went so far. */
export interface LambadaResult {
  readonly done: number
  /** Last words that greedy decoding says. */
  readonly right: number
  /** exp of the mean nll of a last word. */
  readonly perplexity: number
}

/** One `{"text": …}` a line, as it is published. @throws Error with a sentence for any other line. */
export function parseLambada(lines: string): Passage[] {
  const passages = lines
    .split('\n')
    .map((line, i) => ({ line: line.trim(), number: i + 1 }))
    .filter(({ line }) => line !== '')
    .map(({ line, number }) => {
      const words = textOf(line)?.trimEnd() ?? ''
      const at = words.lastIndexOf(' ')
      if (at < 1) throw new Error(text.badLine(number))
      return { context: words.slice(0, at), word: words.slice(at) }
    })
  if (passages.length === 0) throw new Error(text.noPassages)
  return passages
}

function textOf(line: string): string | undefined {
  try {
    const { text: words } = JSON.parse(line) as { text?: unknown }
    return typeof words === 'string' ? words : undefined
  } catch {
    return undefined
  }
}

/** Judge passage by passage; the result so far after each. @throws the signal's reason */
export async function* evaluateLambada(
  model: Model,
  passages: readonly Passage[],
  signal: AbortSignal,
): AsyncGenerator<LambadaResult, void> {
  let right = 0
  let nll = 0
  for (const [i, { context, word }] of passages.entries()) {
    const { logprob, isGreedy } = await model.score(context, word, { signal })
    if (isGreedy) right++
    nll -= logprob
    yield { done: i + 1, right, perplexity: Math.exp(nll / (i + 1)) }
  }
}
