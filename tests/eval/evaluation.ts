/** @file What `npm run eval` computes, over the public API. */

import type { Evaluation, Model } from '../../src/core/protocol.ts'

/** The numbers of a run; null for what was not asked. */
export interface Report {
  tokens: number | null
  bytes: number | null
  nllPerToken: number | null
  nllPerByte: number | null
  perplexity: number | null
  /** Part of the passages whose last word is what greedy decoding says. */
  lambadaAccuracy: number | null
  /** exp of the mean nll of a last word. */
  lambadaPerplexity: number | null
}

/** A passage of LAMBADA without its last word, and that word with the space in front of it. */
export interface Passage {
  readonly context: string
  readonly word: string
}

/** Told how much of how much is done, and how sure of what the model is so far. */
export type Progress = (done: number, total: number) => void

/** One `{"text": …}` a line, as LAMBADA is published; the word to be predicted is the last one. */
export function parseLambada(lines: string): Passage[] {
  return lines
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line, i) => {
      const { text } = JSON.parse(line) as { text?: unknown }
      const at = typeof text === 'string' ? text.trimEnd().lastIndexOf(' ') : -1
      if (typeof text !== 'string' || at < 1) throw new Error(`line ${i + 1}: expected {"text": "several words"}`)
      return { context: text.slice(0, at), word: text.trimEnd().slice(at) }
    })
}

/** Evaluate a text, passages, or both. */
export async function evaluateAll(
  model: Model,
  { text, passages, onProgress }: { text?: string; passages?: readonly Passage[]; onProgress: Progress },
): Promise<Report> {
  const report: Report = {
    tokens: null,
    bytes: null,
    nllPerToken: null,
    nllPerByte: null,
    perplexity: null,
    lambadaAccuracy: null,
    lambadaPerplexity: null,
  }
  if (text !== undefined) Object.assign(report, (await model.evaluate(text, { onProgress })) satisfies Evaluation)
  if (passages) {
    let right = 0
    let sum = 0
    for (const [i, { context, word }] of passages.entries()) {
      const { logprob, isGreedy } = await model.score(context, word)
      if (isGreedy) right += 1
      sum -= logprob
      onProgress(i + 1, passages.length)
    }
    report.lambadaAccuracy = right / passages.length
    report.lambadaPerplexity = Math.exp(sum / passages.length)
  }
  return report
}
