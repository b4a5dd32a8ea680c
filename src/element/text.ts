/** @file All English text of the element, and how its numbers are written. */

import type { LoadProgress, Thoughts } from '../core/protocol.ts'
import type { ChatMessage, ReplyCost } from './types.ts'

const count = new Intl.NumberFormat('en')
const oneDecimal = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 })

const UNITS = [
  { name: 'GB', byteLength: 1e9 },
  { name: 'MB', byteLength: 1e6 },
  { name: 'KB', byteLength: 1e3 },
] as const

/** Such as "8.9 MB". */
export function formatBytes(byteLength: number): string {
  const unit = UNITS.find((one) => byteLength >= one.byteLength)
  return unit ? `${oneDecimal.format(byteLength / unit.byteLength)} ${unit.name}` : `${count.format(byteLength)} bytes`
}

/** Such as "3.2 MB of 8.9 MB"; less while less is known. */
export function formatProgress({ loaded, total }: Pick<LoadProgress, 'loaded' | 'total'>): string {
  if (total > 0) return `${formatBytes(loaded)} of ${formatBytes(total)}`
  return loaded > 0 ? formatBytes(loaded) : ''
}

/** Such as "87 tokens · first after 0.3 s · 41.2 tokens/s · stopped". */
export function formatCost({ tokens, promptMs, tokensPerSecond, finishReason }: ReplyCost): string {
  const parts = [tokens === 1 ? '1 token' : `${count.format(tokens)} tokens`]
  if (tokens > 0) parts.push(`first after ${oneDecimal.format(promptMs / 1000)} s`)
  if (tokensPerSecond > 0) parts.push(`${oneDecimal.format(tokensPerSecond)} tokens/s`)
  if (finishReason === 'abort') parts.push('stopped')
  if (finishReason === 'length') parts.push('cut at the limit')
  return parts.join(' · ')
}

/** Such as "Thoughts · 31 tokens"; without the number as long as it is not known. */
export function formatThoughts({ tokens }: Partial<Pick<Thoughts, 'tokens'>>): string {
  return tokens ? `${text.thoughts} · ${count.format(tokens)} ${tokens === 1 ? 'token' : 'tokens'}` : text.thoughts
}

/** The conversation as plain text, a paragraph a message. */
export function formatTranscript(messages: readonly ChatMessage[], modelName: string): string {
  return messages.map(({ role, text: said }) => `${role === 'user' ? text.you : modelName}: ${said}`).join('\n\n')
}

export const text = {
  conversation: 'Conversation',
  chat: 'Chat',
  newConversation: 'Start over',
  you: 'You',
  model: 'Model',

  posterTitle: 'A chat that stays on this machine',
  poster: 'The model runs in this page. Nothing you type leaves this machine.',
  noSource: 'No model has been named for this chat: its src attribute is missing.',
  load: 'Load the model',
  loadOf: (byteLength: number) => `Load the model (${formatBytes(byteLength)})`,
  emptyTitle: 'Say something',
  empty: 'The model runs in this page. Nothing you type leaves this machine.',

  message: 'Message',
  placeholder: 'Write a message',
  send: 'Send',
  stop: 'Stop',
  queuedForModel: 'It will be sent as soon as the model is ready.',
  queuedForReply: 'It will be sent after this reply.',

  copy: 'Copy',
  copied: 'Copied',
  regenerate: 'Regenerate',
  resume: 'Continue',

  think: 'Thinking',
  thinkOptions: { no: 'No thinking', yes: 'Think', 'a bit': 'Think a bit', 'a lot': 'Think a lot' },
  thinking: 'Thinking …',
  thoughts: 'Thoughts',
  onlyThoughts: 'Cut before the answer.',

  waitingForFirst: 'The model is reading.',
  stoppedEarly: 'Stopped before the first word.',
  nothingSaid: 'The model had nothing to say.',
  toLatest: 'Go to the latest',
  replyBegan: (name: string) => `${name} is replying.`,
  replySaid: (name: string, reply: string) => `${name}: ${reply}`,

  phase: {
    open: 'Opening the model',
    download: 'Downloading the model',
    weights: 'Loading the model',
    compile: 'Preparing the kernels',
    ready: 'Ready',
  },
  loadProgress: 'Loading progress',

  software: 'No hardware GPU is in use. The model runs in software: slower, but all of it works.',
  dismiss: 'Dismiss',
  loadFailed: 'The model could not be loaded.',
  replyFailed: 'The reply broke off.',
  modelStopped: 'The model has stopped.',
  tryAgain: 'Try again',

  unsupportedTitle: 'This browser cannot run the model yet',
  unsupported: 'The model runs on WebGPU or in WebAssembly, and this browser offers neither to this page.',
  unsupportedAdvice:
    'Take a current Chrome or Edge, Safari 26 or later, or a current Firefox on Windows or macOS, with graphics acceleration turned on; the page must come over https or from localhost.',
} as const
