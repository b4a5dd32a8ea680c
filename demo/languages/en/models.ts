/** @file English text of the view Models. */

export const models = {
  intro:
    'Models that run here. A download is kept on this device, resumes where it broke off, and is verified; only the model’s files are requested.',
  asking: 'Asking for the files',
  left: (duration: string) => `${duration} left`,
  hours: (hours: string) => `${hours} h`,
  /** What the weights are held in: one format, or several. */
  inOne: (format: string) => `in ${format}`,
  inSeveral: (most: string, others: string) => `most of them in ${most}, the others in ${others}`,

  /** A model of the catalogue that stands for several. */
  andLarger: (name: string) => `${name} and larger`,
  /** What they can do. */
  builtIn: 'Comes with the page: tells short stories, on any machine.',
  chats: (size: string, format: string) => `Chat in over a hundred languages; ${size} parameters, ${format}.`,
  chatsFrom: (size: string, format: string) =>
    `Chat in over a hundred languages; from ${size} parameters, ${format}. The page lists the files to choose from.`,
  continues: (size: string, format: string) =>
    `Continues English text, was not taught to chat; ${size} parameters, ${format}.`,

  current: 'In use',
  inUse: (name: string, bytes: string, weights: string) => `In use: ${name}. Its weights take ${bytes}, ${weights}.`,
  forThisDevice: 'Recommended for this device',
  fitsHere: { fits: 'fits here', 'does not fit': 'does not fit here', 'not tested': 'may fit here' },
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
  fit: { fits: 'fits', 'does not fit': 'does not fit', 'not tested': 'not tested' },

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
  persist: 'Ask the browser to keep it',
  persistAbout: 'A browser may clear what a page keeps when room gets scarce, unless it has agreed not to.',
  persisted: 'The browser has agreed not to clear it.',
  notPersisted: 'The browser does not promise it. Installing this page as an app, or a bookmark, may change its mind.',
}
