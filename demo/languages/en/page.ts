/** @file English text of the chat page. */

import type { FormatName } from '../../settings.ts'

export const page = {
  title: 'rwkv.js',
  menu: 'Menu',

  viewsLabel: 'Views',
  views: {
    chat: 'Chat',
    compare: 'Compare',
    state: 'State',
    models: 'Models',
    lab: 'Lab',
    bench: 'Bench',
    structured: 'Form',
    settings: 'Settings',
    about: 'About',
  },
  viewNotFetched: (title: string) => `${title} could not be fetched. Check the connection and try again.`,
  viewFailed: (title: string, why: string) => `${title} could not be opened: ${why}`,

  /** In place of what needs a model, by what became of it. */
  noModel: {
    coming: 'The model is not loaded yet.',
    failed: 'The model could not be loaded. The chat says why.',
    unsupported: 'This browser cannot run a model. The chat says what to do.',
  },

  welcome: {
    title: 'A model that runs on this machine',
    about: {
      storyteller:
        'storyteller is very small. It tells short children’s stories in English and knows a few simple facts; it mixes names up and is no assistant. Larger ones are in Models.',
      chats: (name: string) =>
        `${name} answers questions and writes, in the languages it was taught, English first. It can be wrong, also where it sounds sure.`,
      continues: (name: string) =>
        `${name} was not taught to chat: it goes on with a text that you begin, best in English.`,
    },
    privacy: 'It runs in this page. Nothing you type leaves this machine.',
    suggestionsLabel: 'Things to begin with',
  },

  conversations: 'Conversations',
  search: 'Search conversations',
  nothingFound: 'Nothing was found.',
  found: (count: number) => (count === 1 ? '1 conversation found' : `${count} conversations found`),
  branches: 'Branches',
  newBranch: 'New branch',
  parted:
    'This conversation was changed or deleted in another tab. What you say here goes on in a branch, or a conversation, of its own.',
  unknownConversation: 'This conversation is not on this device, or belongs to another model.',
  exchange: 'Export and import',
  edit: 'Edit',
  editedMessage: 'Your message',
  sendEdited: 'Send',
  cancel: 'Cancel',
  previousVersion: 'Previous version',
  nextVersion: 'Next version',
  version: (place: number, all: number) => `${place} / ${all}`,
  branchFromHere: 'Branch from here',
  compare: 'Compare',
  forking: 'You are back at this place. What was said after it stays in its own branch.',
  goBack: 'Go back',
  keyboardShortcuts: 'Keyboard shortcuts',
  noConversations: 'What you talk about is kept here, on this device.',
  newConversation: 'New conversation',
  rename: (title: string) => `Rename ${title}`,
  newName: 'New name',
  remove: (title: string) => `Delete ${title}`,
  removed: (title: string) => `“${title}” was deleted.`,
  undo: 'Undo',

  openFiles: 'Open model files',
  guess: {
    about:
      'This model does not say how it was taught to chat, so that is guessed. If its replies look wrong, try another:',
    format: 'Prompt format',
    formats: {
      guess: 'As guessed',
      userAssistant: 'User, Assistant',
      questionAnswer: 'Question, Answer',
      bobAlice: 'Bob, Alice',
      plain: 'Plain text',
    } satisfies Record<FormatName | 'guess', string>,
  },
  own: {
    opening: (name: string) => `Opening ${name}`,
    refused: (name: string, why: string) => `${name} could not be opened: ${why}`,
    notIn: (name: string) => `${name} is not in use.`,
    backTo: (name: string) => `Back to ${name}`,
    offer: (name: string, size: string) =>
      `Keep ${name} on this device? It takes ${size}, and is there at the next visit.`,
    keep: 'Keep',
    keeping: 'Keeping the model on this device',
    copied: (done: string, all: string) => `${done} of ${all}`,
    kept: (name: string) => `${name} is kept on this device.`,
    notKept: (why: string) => `The model could not be kept: ${why}`,
    gone: 'This model is not on this device any more, so the page’s own is here.',
  },
  copy: 'Copy',
  copied: 'Copied',
  notCopied: 'The browser did not let the page copy it. Select it below.',
  close: 'Close',
  you: 'You',
  modelName: 'Model',

  exchanging: {
    title: 'Export and import',
    about: 'Conversations are kept in this browser alone. A file keeps one elsewhere, or takes it to another device.',
    export: 'Export what is shown',
    nothing: 'Nothing has been said in it yet.',
    markdown: 'Markdown',
    json: 'JSON',
    state: 'With its state',
    import: 'Import',
    reading: 'Reading the conversation',
    read: (messages: number, all: number) => `${messages} of ${all} messages read`,
    cancel: 'Cancel',
    chooseFile: 'Choose a file: JSON, or one with its state',
  },

  keys: { Enter: 'Enter', Shift: 'Shift', Esc: 'Esc', Alt: 'Alt', Ctrl: 'Ctrl' },
  shortcuts: {
    send: 'Send the message',
    breakLine: 'Break the line',
    stop: 'Stop the reply, close what is open, or go back from a place in the middle',
    editLast: 'In an empty message box: edit your last message',
    regenerate: 'Make the last reply anew',
    startNew: 'New conversation',
    next: 'Next conversation',
    previous: 'Previous conversation',
    search: 'Search conversations',
    write: 'Go to the message box',
    help: 'This help; ? too, outside of a field',
  },

  safeStart: {
    offer:
      'The last two times the model did not start, so this time it waits. A safe start is slower, and asks less of the GPU.',
    start: 'Start safely',
  },

  leftGpu:
    'The GPU stopped, and the browser gives none again: the model runs on the CPU now. Another start of the browser may bring it back.',

  notices: 'Notices',
  dismiss: 'Dismiss',
  otherModel: 'This page was opened with a model of its own.',
  severalModels: 'There are several models in this place. Which one is to be opened?',
  choices: 'Models to choose from',
  choice: (name: string, size: string) => `${name} · ${size}`,
  loadBuiltIn: 'Load the built-in model',
  notKept: (isFull: boolean, reason: string) =>
    `${isFull ? 'There is no room on this device for more.' : `This browser keeps nothing now (${reason}).`} What cannot be kept stays in this tab alone and is tried again. Download the conversation before you close it.`,
  download: 'Download',
  update: 'A new version of this page is ready.',
  updateNow: 'Update',
  readyForOffline: 'Ready for offline',

  /** The adapter: without a name, a software one. */
  adapter: {
    unnamed: 'a GPU that the browser does not name',
    onlySoftware: 'software instead of a GPU',
    software: (name: string) => `${name} (software)`,
  },
  modelFacts: (model: string, bytes: string, weights: string) => `${model}, ${bytes} of ${weights}`,
  stateFacts: (bytes: string) => `State of ${bytes} bytes, constant`,
  status: 'Status',
  noStatus: 'No model',
  modelInUse: (name: string) => `${name}: the model in use`,
  otherModels: 'Other models',
  aboutThis: 'About this page',
  software: 'No hardware GPU is in use, so it is slower; all of it works.',
  loadFailed: 'The model could not be loaded.',
  replyFailed: 'The reply broke off.',
  modelStopped: 'The model has stopped.',
  tryAgain: 'Try again',

  unsupported: {
    title: 'This browser cannot run the model yet',
    insecure:
      'This page was opened over plain http. Browsers offer WebGPU only over https or from localhost: open it there.',
    missing: 'The model runs on WebGPU or in WebAssembly with SIMD, and this browser offers neither.',
    adviceLabel: 'What to do',
    secureContext: 'Whatever the browser, the page must be opened over https or from localhost.',
    /** By the browser's name, what to do. */
    browsers: {
      chrome: [
        'Chrome, Edge',
        'Update to the current version, on Windows, macOS, ChromeOS or Android. In the settings, under System, turn on graphics acceleration, then restart the browser.',
      ],
      chromeOnLinux: ['Chrome on Linux', 'Open these addresses, set both to Enabled, and relaunch:'],
      safari: ['Safari', 'Update to Safari 26 or later, which comes with macOS 26, iOS 26 and iPadOS 26.'],
      firefox: [
        'Firefox',
        'Update to the current version, on Windows or a Mac with Apple silicon. Elsewhere, open about:config and set both to true:',
      ],
    } as Readonly<
      Record<'chrome' | 'chromeOnLinux' | 'safari' | 'firefox', readonly [browser: string, advice: string]>
    >,
  },
}
