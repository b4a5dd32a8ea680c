/** @file The English text of the view Bench, and how its numbers are written. */

import type { PresetName } from '../../../src/index.ts'

const count = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const short = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })
const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 0 })

/** Such as "20,000". */
export const formatCount = (value: number): string => count.format(value)
/** Such as "41.2". */
export const formatShort = (value: number): string => short.format(value)
/** Such as "63%". */
export const formatShare = (share: number): string => percent.format(share)
/** Such as "12.4 GB/s". */
export const formatRate = (bytesPerSecond: number): string => `${short.format(bytesPerSecond / 1e9)} GB/s`

const presets: Record<PresetName, string> = { gpu: 'gpu', software: 'software' }

export const text = {
  intro:
    'How fast the model runs on this GPU. It is loaded once more for each way of sharing the work of a kernel (preset), fed, and asked; nothing of it is sent anywhere.',
  until: 'Positions up to',
  tokens: (tokens: string) => `${tokens} tokens`,
  run: 'Measure',
  cancel: 'Cancel',
  streaming: 'Reading memory as fast as it goes',
  measuring: (preset: PresetName, share: string) => `Preset ${presets[preset]}: ${share}`,
  loading: (preset: PresetName) => `Preset ${presets[preset]}: loading and warming up`,
  note: 'Close other tabs and plug the device in: whatever else runs is in these numbers.',

  result: 'Result',
  table: (adapter: string) => `On ${adapter}; medians, wall clock`,
  measure: 'Measured',
  preset: (name: PresetName, isDefault: boolean) => (isDefault ? `${presets[name]} (default here)` : presets[name]),
  reply: 'Reply, tokens/s',
  prefill: 'Prompt, tokens/s',
  streamingShare: 'Weights read, of streaming',
  memory: 'GPU memory',
  grown: 'Memory grown, bytes',
  dispatches: 'Dispatches a token',
  submits: 'Submits a token',
  readBack: 'Bytes read back a token',
  load: 'Load',
  ms: (ms: string) => `${ms} ms`,
  streamingIs: (rate: string) =>
    `A kernel that only reads memory reaches ${rate} here; each token of a reply reads all weights.`,

  kernels: 'Kernels',
  kernelsAbout:
    'What each kernel takes of a token, all layers together, by timestamp queries; each runs in a pass of its own for that, which costs a little.',
  noKernels: 'This GPU, or this browser, has no timestamp queries: single kernels cannot be timed.',
  kernel: 'Kernel',
  timesAToken: 'Times a token',
  msOf: (preset: string) => `${preset}, ms`,

  plot: 'What a token costs, by its position',
  plotLabel: 'Milliseconds a token against its position, a line for each preset. The numbers are in the table below.',
  position: 'Position, in tokens',
  msAToken: 'ms a token',
  inNumbers: 'In numbers',
  copy: 'Copy result',
  show: 'As JSON',
} as const
