/** @file How the element writes numbers, in the words of its labels. */

import type { LoadProgress, Thoughts } from '../core/protocol.ts'
import { english, type RwkvChatLabels } from './labels/labels.ts'
import type { Reading } from './reading.ts'
import type { ChatMessage, ReplyCost } from './types.ts'

const UNITS = [
  { name: 'GB', byteLength: 1e9 },
  { name: 'MB', byteLength: 1e6 },
  { name: 'KB', byteLength: 1e3 },
] as const

const formats = new Map<string, readonly [count: Intl.NumberFormat, decimal: Intl.NumberFormat]>() // slow to make

function formatsOf({ locale }: RwkvChatLabels) {
  const known = formats.get(locale)
  if (known) return known
  const oneDecimal = { minimumFractionDigits: 1, maximumFractionDigits: 1 }
  const made = [new Intl.NumberFormat(locale), new Intl.NumberFormat(locale, oneDecimal)] as const
  formats.set(locale, made)
  return made
}

/** Such as "1,024". */
const formatCount = (count: number, labels: RwkvChatLabels) => formatsOf(labels)[0].format(count)

/** Such as "0.3". */
const formatDecimal = (value: number, labels: RwkvChatLabels) => formatsOf(labels)[1].format(value)

/** Such as "3,210 characters". */
export function formatLength(characters: number, labels = english): string {
  return labels.characters(formatCount(characters, labels), characters === 1)
}

/** Such as "8.9 MB". */
export function formatBytes(byteLength: number, labels = english): string {
  const unit = UNITS.find((one) => byteLength >= one.byteLength)
  if (!unit) return labels.bytes(formatCount(byteLength, labels))
  return `${formatDecimal(byteLength / unit.byteLength, labels)} ${unit.name}`
}

/** Such as "3.2 MB of 8.9 MB"; less while less is known. */
export function formatProgress({ loaded, total }: Pick<LoadProgress, 'loaded' | 'total'>, labels = english): string {
  if (total > 0) return labels.progress(formatBytes(loaded, labels), formatBytes(total, labels))
  return loaded > 0 ? formatBytes(loaded, labels) : ''
}

/** Such as "87 tokens · first after 0.3 s · 41.2 tokens/s · stopped". */
export function formatCost(
  { tokens, promptMs, tokensPerSecond, finishReason }: ReplyCost,
  labels: RwkvChatLabels = english,
): string {
  const parts = [formatTokens(tokens, labels)]
  const seconds = promptMs < 50 ? `<${formatDecimal(0.1, labels)}` : formatDecimal(promptMs / 1000, labels) // not 0.0
  if (tokens > 0) parts.push(labels.firstAfter(seconds))
  if (tokensPerSecond > 0) parts.push(labels.speed(formatDecimal(tokensPerSecond, labels)))
  if (finishReason === 'abort') parts.push(labels.stopped)
  if (finishReason === 'length') parts.push(labels.cut)
  return parts.join(' · ')
}

/** Such as "Thoughts · 31 tokens"; without the number as long as it is not known. */
export function formatThoughts({ tokens }: Partial<Pick<Thoughts, 'tokens'>>, labels = english): string {
  return tokens ? `${labels.thoughts} · ${formatTokens(tokens, labels)}` : labels.thoughts
}

/** Such as "Reading: 1,024 of 8,192 tokens, 12 s left". */
export function formatReading({ read, total, leftMs }: Reading, labels: RwkvChatLabels = english): string {
  const seconds = Math.ceil(leftMs / 1000)
  const left =
    seconds < 100
      ? labels.seconds(formatCount(seconds, labels))
      : labels.minutes(formatCount(Math.round(seconds / 60), labels))
  return labels.reading(formatCount(read, labels), formatCount(total, labels), left)
}

/** The conversation as plain text, a paragraph a message. */
export function formatTranscript(messages: readonly ChatMessage[], modelName: string, { you } = english): string {
  return messages.map(({ role, text: said }) => `${role === 'user' ? you : modelName}: ${said}`).join('\n\n')
}

const formatTokens = (tokens: number, labels: RwkvChatLabels) =>
  labels.tokens(formatCount(tokens, labels), tokens === 1)
