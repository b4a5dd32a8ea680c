/** @file English text of the view About. */

export const about = {
  what: 'rwkv.js runs RWKV language models in the browser, on the GPU or, where there is none for it, on the CPU. Such a model is a recurrent network: its memory of a conversation has a fixed size, so the thousandth token costs what the first one did.',

  leavesTitle: 'What leaves this machine',
  leaves: 'Nothing.',
  leavesMore:
    'Not what you type, not what the model says, no statistics. The network is used to fetch this page’s own files, and the files of a model you choose, from where they are. Once they are here, all of it works without a network.',

  software:
    'No hardware GPU is in use: this browser runs WebGPU in software. All of it works, but many times slower. Turning on graphics acceleration in the browser’s settings, or updating the graphics driver, may change that.',

  onCpu: 'The model runs on the CPU, through WebAssembly. All of it works, slower than on a GPU.',

  runsOn: 'Device',
  computedBy: 'Computed by',
  gpu: 'the GPU, through WebGPU',
  gpuInSoftware: 'the CPU, through WebGPU in software',
  cpu: 'the CPU, through WebAssembly',
  why: 'Why',
  unnamed: 'not told by the browser',
  vendor: 'Vendor',
  architecture: 'Architecture',
  description: 'Description',
  limitsTitle: 'Limits',
  limit: 'Limit',
  limitsNote: 'The device’s. Of WebGPU rwkv.js asks for no more than every device has, so that phones can run it.',
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
}
