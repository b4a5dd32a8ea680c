/** @file The English text of the view Models. */

import { formatBytes, formatProgress } from '../../../src/element/text.ts'
import type { LoadProgress } from '../../../src/index.ts'

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })

/** Such as "1 min 20 s". */
export function formatDuration(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** Such as "3.2 MB of 8.9 MB · 1.4 MB/s · 4 s left"; less while less is known. */
export function formatDownload(progress: LoadProgress): string {
  const { bytesPerSecond, etaMs } = progress
  return [
    formatProgress(progress) || text.asking,
    ...(bytesPerSecond > 0 ? [`${formatBytes(Math.round(bytesPerSecond))}/s`] : []),
    ...(etaMs !== undefined ? [text.left(formatDuration(etaMs))] : []),
  ].join(' · ')
}

/** Such as "in q8", or "most of them in q4_k, the others in q6_k". */
export function sayWeights(formats: string): string {
  const [most, ...others] = formats.split(' + ')
  return others.length === 0 ? `in ${most}` : `most of them in ${most}, the others in ${others.join(' and ')}`
}

export const text = {
  intro:
    'Models that run here. A download is kept on this device, resumes where it broke off, and is verified; only the model’s files are requested.',
  asking: 'Asking for the files',
  left: (duration: string) => `${duration} left`,

  current: 'In use',
  inUse: (name: string, bytes: string, weights: string) => `In use: ${name}. Its weights take ${bytes}, ${weights}.`,
  forThisDevice: 'Recommended for this device',
  fitsHere: (fit: string) => ({ fits: 'fits here', 'does not fit': 'does not fit here' })[fit] ?? 'may fit here',
  hub: 'From the Hugging Face Hub',
  hubAbout:
    'As their authors published them: their kinds are tested here, not each of these files, and the hash that a download is held against is the Hub’s own.',
  muchToDownload: (size: string) => `This downloads ${size}. Over a mobile network that may cost money.`,
  unknownSize: 'Nobody says how large this is. Over a mobile network it may cost money.',
  goOn: 'Download',
  own: 'From a file of yours.',
  about: (size: string, license: string) => `${size} to download · licence: ${license}`,
  absent: 'Not on this device',
  partly: (here: string, all: string) => `${here} of ${all} is on this device`,
  kept: (size: string) => `On this device, ${size}`,
  open: 'Open',
  openIn: (weights: string, name: string) => `Open with ${weights} weights: ${name}`,
  download: 'Download',
  resume: 'Resume',
  pause: 'Pause',
  cancel: 'Cancel',
  remove: 'Delete',
  reallyRemove: 'Really delete?',
  of: (action: string, name: string) => `${action}: ${name}`,
  progressOf: (name: string) => `Download of ${name}`,
  paused: (progress: string) => `Paused at ${progress}`,

  needs: (least: string, most: string) => `Needs ${least} to ${most} of memory`,
  needsTable: (name: string) => `Memory that ${name} needs`,
  weights: 'Weights',
  memory: 'Memory',
  fits: 'Here',
  ownFormat: (format: string) => `${format}, as in the file`,
  recommended: (format: string) => `${format}, recommended`,
  doesFit: 'fits',
  doesNotFit: 'does not fit',
  mayFit: 'not tested',

  other: 'Another model',
  otherAbout:
    'RWKV-4, 5, 6 or 7 as it was published: a repository or file of the Hugging Face Hub (hf:owner/repo/file.pth), an address on this page’s own server, or files of yours, which stay where they are.',
  address: 'Name or address',
  add: 'Add',
  addFailed: 'Give a name such as hf:owner/repo, or an address.',
  files: 'Open model files',
  filesHint: 'or drop them anywhere on the page: weights, and the vocabulary if there is one.',
  yours: 'Added by its address.',
  unknownLicense: 'see its page',

  startState: 'Start state',
  startStateAbout:
    'What new conversations with the model in use begin with. State tuning makes such files (time_state, .pth or .st); each belongs to the model it was tuned on.',
  beginWith: 'Begin with',
  ownState: 'The model’s own',
  addState: 'Add a start state',

  room: 'What fits here',
  roomOfCpu: (bytes: string) =>
    `The model in use runs on the CPU, where WebAssembly gives one at most ${bytes}, as far as this machine has them.`,
  gpuAbout:
    'WebGPU does not say how much memory a GPU has, but the page can try: it allocates memory in growing steps and frees it at once.',
  try: 'Try it',
  trying: (size: string) => `Trying ${size}`,
  noGpu: 'There is no WebGPU here.',
  roomOfSoftware: 'The adapter is software: it takes this computer’s own memory, so nothing was tried.',
  roomAll: (given: string) => `${given} was given, more was not tried.`,
  roomFound: (given: string, refused: string) => `${given} was given, ${refused} was not.`,
  roomNone: (refused: string) => `Not even ${refused} was given.`,

  storage: 'Storage',
  used: 'Used by this page',
  may: 'The browser allows',
  notTold: 'not known',
  share: (used: number, all: number) => `${whole.format((used / all) * 100)}%`,
  persist: 'Ask the browser to keep it',
  persistAbout: 'A browser may clear what a page keeps when room gets scarce, unless it has agreed not to.',
  persisted: 'The browser has agreed not to clear it.',
  notPersisted: 'The browser does not promise it. Installing this page as an app, or a bookmark, may change its mind.',
} as const
