/** @file The texts of the chat page in its language, and how its numbers, models and faults are told. */

import { describeError } from '../src/element/events.ts'
import * as inLabels from '../src/element/text.ts'
import type { AdapterDescription, LoadProgress, ModelInfo } from '../src/index.ts'
import { page } from './languages/en/page.ts'
import { inLanguage, labels } from './translate.ts'

export { labels } from './translate.ts'

export const text = inLanguage('page', page)

const count = new Intl.NumberFormat(labels.locale)
const short = new Intl.NumberFormat(labels.locale, { maximumSignificantDigits: 3 })

/** Such as "20,000". */
export const formatCount = (value: number): string => count.format(value)
/** Such as "41.2". */
export const formatShort = (value: number): string => short.format(value)
/** Such as "8.9 MB". */
export const formatBytes = (byteLength: number): string => inLabels.formatBytes(byteLength, labels)
/** Such as "3.2 MB of 8.9 MB"; less while less is known. */
export const formatProgress = (progress: Pick<LoadProgress, 'loaded' | 'total'>): string =>
  inLabels.formatProgress(progress, labels)

/** Such as "87 tokens · first after 0.3 s · 41.2 tokens/s". */
export const formatCost = (cost: Parameters<typeof inLabels.formatCost>[0]): string => inLabels.formatCost(cost, labels)

/** Why it failed, in words for the reader. */
export function tell(error: unknown): string {
  const { code, message } = describeError(error)
  return labels.fault(code, message)
}

/** The adapter by the best name that the browser gives it; Firefox gives none. */
export function formatAdapter({ vendor, architecture, description, isFallback }: AdapterDescription): string {
  const name = description || [vendor, architecture].filter(Boolean).join(' ')
  if (!name) return isFallback ? text.adapter.onlySoftware : text.adapter.unnamed
  return isFallback ? text.adapter.software(name) : name
}

/** Such as "storyteller, RWKV-4, 9.0 MB of f16". */
export function formatModel({ name, config, weights, weightByteLength }: ModelInfo): string {
  return text.modelFacts(`${name}, RWKV-${config.version}`, formatBytes(weightByteLength), weights)
}

/** Such as "State of 23,040 bytes, constant". */
export const formatState = ({ stateByteLength }: ModelInfo): string => text.stateFacts(formatCount(stateByteLength))
