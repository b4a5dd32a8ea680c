/** @file All English text of the chat page, and how its numbers are written. */

import type { AdapterDescription, LoadProgress, ModelInfo, ReplySummary } from '../src/index.ts'

const count = new Intl.NumberFormat('en')
const oneDecimal = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 })

interface Unit {
  readonly name: string
  readonly byteLength: number
}

const UNITS: readonly Unit[] = [
  { name: 'GB', byteLength: 1e9 },
  { name: 'MB', byteLength: 1e6 },
  { name: 'KB', byteLength: 1e3 },
]

const unitOf = (byteLength: number): Unit =>
  UNITS.find((unit) => byteLength >= unit.byteLength) ?? { name: 'bytes', byteLength: 1 }

const inUnit = (byteLength: number, unit: Unit) =>
  unit.byteLength === 1 ? count.format(byteLength) : oneDecimal.format(byteLength / unit.byteLength)

/** Such as "8.9 MB". */
export function formatBytes(byteLength: number): string {
  const unit = unitOf(byteLength)
  return `${inUnit(byteLength, unit)} ${unit.name}`
}

/** Such as "3.2 of 8.9 MB"; "3.2 MB" while the total is not known; nothing before the first byte of such a load. */
export function formatProgress({ loaded, total }: Pick<LoadProgress, 'loaded' | 'total'>): string {
  if (total === 0) return loaded === 0 ? '' : formatBytes(loaded)
  const unit = unitOf(total)
  return `${inUnit(loaded, unit)} of ${inUnit(total, unit)} ${unit.name}`
}

/** Such as "fed 14 · 87 tokens · 41.2 tokens/s · stopped". */
export function formatCost({ promptTokens, ids, tokensPerSecond, finishReason }: ReplySummary): string {
  const parts = [
    `fed ${count.format(promptTokens)}`,
    ids.length === 1 ? '1 token' : `${count.format(ids.length)} tokens`,
  ]
  if (tokensPerSecond > 0) parts.push(`${oneDecimal.format(tokensPerSecond)} tokens/s`)
  if (finishReason === 'abort') parts.push('stopped')
  if (finishReason === 'length') parts.push('cut at the limit')
  return parts.join(' · ')
}

/** The adapter by the best name that the browser gives it. */
export function formatAdapter({ vendor, architecture, description, isFallback }: AdapterDescription): string {
  const name = description || [vendor, architecture].filter(Boolean).join(' ') || 'WebGPU adapter'
  return isFallback ? `${name} (software)` : name
}

/** Such as "storyteller, RWKV-4, 9.0 MB of f16". */
export function formatModel({ name, config, weights, weightByteLength }: ModelInfo): string {
  return `${name}, RWKV-${config.version}, ${formatBytes(weightByteLength)} of ${weights}`
}

/** Such as "state 23,040 bytes, constant". */
export function formatState({ stateByteLength }: ModelInfo): string {
  return `state ${count.format(stateByteLength)} bytes, constant`
}

/** What to do where WebGPU is missing, by browser. */
export interface BrowserAdvice {
  readonly browser: string
  readonly advice: string
  /** Shown as code, such as an address to open. */
  readonly code?: readonly string[]
}

export const text = {
  title: 'rwkv.js',
  tagline: 'A language model in your browser',

  welcome: {
    title: 'A model that runs on this machine',
    about:
      'storyteller is a very small RWKV language model. It tells children’s stories and knows a few simple facts; it mixes names up and is not an assistant.',
    privacy: 'It runs in this page, on WebGPU. Nothing you type leaves this machine.',
    suggestionsLabel: 'Things to ask',
    suggestions: [
      'Tell me a story about a cat.',
      'Tell me a story about a brave little boat.',
      'What is the capital of France?',
    ],
  },

  conversation: 'Conversation',
  you: 'You',
  waiting: 'The model is reading.',
  stoppedEarly: 'Stopped before the first word.',
  nothingSaid: 'The model had nothing to say.',
  forgotten: 'The model was loaded again. It does not remember what is above.',
  toLatest: 'Go to the latest',

  message: 'Message',
  placeholder: 'Write a message',
  send: 'Send',
  stop: 'Stop',
  queuedForModel: 'It will be sent as soon as the model is ready.',
  queuedForReply: 'It will be sent after this reply.',
  noModel: 'There is no model to answer yet.',

  phase: {
    open: 'Opening the model',
    download: 'Fetching the model',
    weights: 'Loading the model',
    compile: 'Preparing the GPU',
    ready: 'Ready',
  },
  loadProgress: 'Loading progress',

  notices: 'Notices',
  problems: 'Problems',
  dismiss: 'Dismiss',
  tryAgain: 'Try again',
  loadBuiltIn: 'Load the built-in model',
  reloadModel: 'Reload the model',
  reloadPage: 'Reload the page',
  software: 'No hardware GPU is in use. The model runs in software: slower, but all of it works.',
  loadFailed: 'The model could not be loaded.',
  replyFailed: 'The reply broke off.',
  unknownFailure: (error: unknown) => `Something went wrong: ${error instanceof Error ? error.message : String(error)}`,

  status: 'Status',
  noStatus: 'No model loaded',

  unsupported: {
    title: 'This browser cannot run the model yet',
    insecure:
      'This page was opened over plain http. Browsers offer WebGPU only over https or from localhost: open it there.',
    missing: 'The model runs on WebGPU, and this browser does not offer it.',
    adviceLabel: 'What to do',
    secureContext: 'Whatever the browser, the page must be opened over https or from localhost.',
    retry: 'Try again',
    browsers: [
      {
        browser: 'Chrome, Edge',
        advice:
          'Update to the current version, on Windows, macOS, ChromeOS or Android. In the settings, under System, turn on graphics acceleration, then restart the browser.',
      },
      {
        browser: 'Chrome on Linux',
        advice: 'Open these addresses, set both to Enabled, and relaunch:',
        code: ['chrome://flags/#enable-unsafe-webgpu', 'chrome://flags/#enable-vulkan'],
      },
      { browser: 'Safari', advice: 'Update to Safari 26 or later, which comes with macOS 26, iOS 26 and iPadOS 26.' },
      {
        browser: 'Firefox',
        advice:
          'Update to the current version, on Windows or a Mac with Apple silicon. Elsewhere, open about:config and set to true:',
        code: ['dom.webgpu.enabled'],
      },
    ] satisfies readonly BrowserAdvice[] as readonly BrowserAdvice[],
  },
} as const
