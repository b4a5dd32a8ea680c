/** @file The texts of `<rwkv-chat>`: what there is to say, and the English of it. Other languages lie beside it. */

import type { ErrorCode } from '../../core/errors.ts'
import type { LoadProgress } from '../../core/protocol.ts'

/** Every text that the element shows or has read out. Sizes, counts and seconds come as they are to be shown. */
export interface RwkvChatLabels {
  /** How numbers are written: a BCP 47 language tag. */
  readonly locale: string

  /** The conversation, for screen readers. */
  readonly conversation: string
  /** In the header, until the model's name is known. */
  readonly chat: string
  /** The button that begins a new conversation. */
  readonly newConversation: string
  /** Who wrote the reader's messages. */
  readonly you: string
  /** Who wrote the replies, until the model's name is known. */
  readonly model: string

  /** Before a load: what this is. */
  readonly posterTitle: string
  readonly poster: string
  /** In its place without `src`. */
  readonly noSource: string
  /** The button that loads, without and with the size of the download. */
  readonly load: string
  readonly loadOf: (size: string) => string
  /** In place of the conversation before its first message. */
  readonly emptyTitle: string
  readonly empty: string

  /** The message box, for screen readers. */
  readonly message: string
  /** In the message box while it is empty, unless `placeholder` says something else. */
  readonly placeholder: string
  readonly send: string
  readonly stop: string
  /** A message waits for the model, or for the end of a reply. */
  readonly queuedForModel: string
  readonly queuedForReply: string
  /** While the model is brought back after a loss of the GPU, and where it came to another device. */
  readonly recovering: string
  readonly moved: string

  /** The button that chooses text files, the list of what is attached, and the button that removes one. */
  readonly attach: string
  readonly attachments: string
  readonly remove: (name: string) => string
  /** The name of a long paste. */
  readonly pasted: string
  readonly characters: (count: string, isOne: boolean) => string
  /** Files that cannot be attached. */
  readonly notText: (names: string) => string

  /** Below a reply, and on code: copies it. */
  readonly copy: string
  readonly copied: string
  readonly regenerate: string
  /** Goes on with a reply that was cut. */
  readonly resume: string

  /** The choice whether the model thinks, for screen readers, and what can be chosen. */
  readonly think: string
  readonly thinkOptions: Readonly<Record<'no' | 'yes' | 'a bit' | 'a lot', string>>
  /** Above thoughts while they are made, and then. */
  readonly thinking: string
  readonly thoughts: string
  /** In place of a reply whose limit came before its first word. */
  readonly onlyThoughts: string

  /** In place of a reply that has not begun, and where it takes longer: how many tokens of the message are read. */
  readonly waitingForFirst: string
  readonly reading: (read: string, total: string, left: string) => string
  readonly seconds: (count: string) => string
  readonly minutes: (count: string) => string
  /** In place of a reply without a word: it was stopped, or had none. */
  readonly stoppedEarly: string
  readonly nothingSaid: string
  /** The button that goes to the end of the conversation. */
  readonly toLatest: string
  /** Read out when a reply begins and when it has ended. */
  readonly replyBegan: (name: string) => string
  readonly replySaid: (name: string, reply: string) => string

  /** Below a reply, each with a dot between. */
  readonly tokens: (count: string, isOne: boolean) => string
  readonly firstAfter: (seconds: string) => string
  readonly speed: (tokensPerSecond: string) => string
  readonly stopped: string
  readonly cut: string

  /** What a load is doing. */
  readonly phase: Readonly<Record<LoadProgress['phase'], string>>
  /** The bar of a load, for screen readers. */
  readonly loadProgress: string
  readonly progress: (loaded: string, total: string) => string
  /** A size below a kilobyte. */
  readonly bytes: (count: string) => string

  /** Above the conversation where the GPU is software. */
  readonly software: string
  /** The button that puts it away. */
  readonly dismiss: string
  /** Titles of faults. */
  readonly loadFailed: string
  readonly replyFailed: string
  readonly modelStopped: string
  readonly tryAgain: string
  /** What is told of a fault, which the engine described as `message`, in English. */
  readonly fault: (code: ErrorCode | 'unknown', message: string) => string

  /** In place of the chat where no model can run. */
  readonly unsupportedTitle: string
  readonly unsupported: string
  readonly unsupportedAdvice: string
}

/** What the element says unless its `labels` say something else. */
export const english: RwkvChatLabels = {
  locale: 'en',

  conversation: 'Conversation',
  chat: 'Chat',
  newConversation: 'Start over',
  you: 'You',
  model: 'Model',

  posterTitle: 'A chat that stays on this machine',
  poster: 'The model runs in this page. Nothing you type leaves this machine.',
  noSource: 'No model has been named for this chat: its src attribute is missing.',
  load: 'Load the model',
  loadOf: (size) => `Load the model (${size})`,
  emptyTitle: 'Say something',
  empty: 'The model runs in this page. Nothing you type leaves this machine.',

  message: 'Message',
  placeholder: 'Write a message',
  send: 'Send',
  stop: 'Stop',
  queuedForModel: 'It will be sent as soon as the model is ready.',
  queuedForReply: 'It will be sent after this reply.',
  recovering: 'The GPU stopped. The model is brought back, and goes on where it was.',
  moved: 'The GPU stopped for good. The model goes on elsewhere; what it says may be other than it would have been.',

  attach: 'Attach text files',
  attachments: 'Attached to the message',
  remove: (name) => `Remove ${name}`,
  pasted: 'Pasted text',
  characters: (count, isOne) => `${count} ${isOne ? 'character' : 'characters'}`,
  notText: (names) => `${names}: no text, or more than 10 MB.`,

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
  reading: (read, total, left) => `Reading: ${read} of ${total} tokens, ${left} left`,
  seconds: (count) => `${count} s`,
  minutes: (count) => `${count} min`,
  stoppedEarly: 'Stopped before the first word.',
  nothingSaid: 'The model had nothing to say.',
  toLatest: 'Go to the latest',
  replyBegan: (name) => `${name} is replying.`,
  replySaid: (name, reply) => `${name}: ${reply}`,

  tokens: (count, isOne) => `${count} ${isOne ? 'token' : 'tokens'}`,
  firstAfter: (seconds) => `first after ${seconds} s`,
  speed: (tokensPerSecond) => `${tokensPerSecond} tokens/s`,
  stopped: 'stopped',
  cut: 'cut at the limit',

  phase: {
    open: 'Opening the model',
    download: 'Downloading the model',
    weights: 'Loading the model',
    compile: 'Preparing the kernels',
    ready: 'Ready',
  },
  loadProgress: 'Loading progress',
  progress: (loaded, total) => `${loaded} of ${total}`,
  bytes: (count) => `${count} bytes`,

  software: 'No hardware GPU is in use. The model runs in software: slower, but all of it works.',
  dismiss: 'Dismiss',
  loadFailed: 'The model could not be loaded.',
  replyFailed: 'The reply broke off.',
  modelStopped: 'The model has stopped.',
  tryAgain: 'Try again',
  fault: (_, message) => message,

  unsupportedTitle: 'This browser cannot run the model yet',
  unsupported: 'The model runs on WebGPU or in WebAssembly, and this browser offers neither to this page.',
  unsupportedAdvice:
    'Take a current Chrome or Edge, Safari 26 or later, or a current Firefox on Windows or macOS, with graphics acceleration turned on; the page must come over https or from localhost.',
}
