/** @file The English text of the view About. */

export const text = {
  what: 'rwkv.js runs RWKV language models in the browser, on WebGPU or, where there is none, on the CPU. Such a model is a recurrent network: its memory of a conversation has a fixed size, so the thousandth token costs what the first one did.',

  leavesTitle: 'What leaves this machine',
  leaves: 'Nothing.',
  leavesMore:
    'Not what you type, not what the model says, no statistics. The network is used to fetch this page’s own files, and the files of a model you choose, from where they are. Once they are here, all of it works without a network.',

  software:
    'No hardware GPU is in use: this browser runs WebGPU in software. All of it works, but many times slower. Turning on graphics acceleration in the browser’s settings, or updating the graphics driver, may change that.',

  onCpu: (reason: string) => `The model runs on the CPU, in WebAssembly. ${reason}`,

  runsOn: 'Adapter',
  unnamed: 'not told by the browser',
  vendor: 'Vendor',
  architecture: 'Architecture',
  description: 'Description',
  kind: 'Kind',
  hardware: 'hardware',
  inSoftware: 'software',
  cpu: 'CPU',
  limitsTitle: 'Limits',
  limit: 'Limit',
  limitsNote: 'The adapter’s. rwkv.js asks for no more than every WebGPU device has, so that phones can run it.',
  features: 'Features',
  noFeatures: 'none',

  model: 'Model',
  name: 'Name',
  version: 'Architecture',
  shape: 'Layers × channels',
  vocabulary: 'Vocabulary',
  tokens: (count: string) => `${count} tokens`,
  weights: 'Weights',
  weightsOf: (bytes: string, format: string) => `${bytes} of ${format}`,
  state: 'State',
  constant: (bytes: string) => `${bytes}, constant`,
  license: 'Licence',
  fingerprint: 'Fingerprint',

  here: 'This page',
  page: 'rwkv.js',
  browser: 'Browser',
  secure: 'Secure context',
  stored: 'Kept on this device',
  yes: 'yes',
  no: 'no',

  diagnostics: 'Diagnostics',
  diagnosticsNote:
    'For a report of a fault: what this page runs on, as JSON. Nothing of your conversations is in it. It goes nowhere but to the clipboard.',
  copy: 'Copy diagnostics',
  show: 'Show it',
} as const
