/** @file The English text of the view Bench, and how its numbers are written. */

import type { PresetName } from '../../../src/index.ts'
import type { Setup } from './measure.ts'

const count = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const short = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })
const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 0 })

/** Such as "20,000". */
export const formatCount = (value: number): string => count.format(value)
/** Such as "41.2". */
export const formatShort = (value: number): string => short.format(value)
/** Such as "63%". */
export const formatShare = (share: number): string => percent.format(share)
/** Such as "12 s". */
export const formatSeconds = (ms: number): string => `${count.format(Math.ceil(ms / 1000))} s`
/** Such as "12.4 GB/s". */
export const formatRate = (bytesPerSecond: number): string => `${short.format(bytesPerSecond / 1e9)} GB/s`

const presets: Record<PresetName, string> = { gpu: 'gpu', software: 'software' }
const nameOf = ({ preset }: Setup) => (preset ? presets[preset] : 'WebAssembly')

export const text = {
  intro:
    'How fast the model runs on the device that it is on. It is loaded once more, on WebGPU for each way of sharing the work of a kernel (preset), fed, and asked; nothing of it is sent anywhere.',
  until: 'Positions up to',
  tokens: (tokens: string) => `${tokens} tokens`,
  run: 'Measure',
  cancel: 'Cancel',
  streaming: 'Reading memory as fast as it goes',
  first: (setup: Setup, rate: string) => `${nameOf(setup)}: ${rate} tokens/s in a reply.`,
  /** `others`: how many setups come after this one. */
  measuring: (setup: Setup, share: string, left: string, others: number) =>
    `${nameOf(setup)}: ${share}, about ${left} left${others > 0 ? `, then ${others} more` : ''}`,
  loading: (setup: Setup) => `${nameOf(setup)}: loading and warming up`,
  note: 'Close other tabs and plug the device in: whatever else runs is in these numbers.',

  result: 'Result',
  table: (device: string) => `Medians by wall clock, on this device: ${device}`,
  measure: 'Measured',
  setup: (setup: Setup, isDefault: boolean) => (isDefault ? `${nameOf(setup)} (default here)` : nameOf(setup)),
  reply: 'Reply, tokens/s',
  prefill: 'Prompt, tokens/s',
  streamingShare: 'Weights read, of streaming',
  memory: 'Memory',
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
    'What each kernel takes of a token, all layers together. Each is timed by itself, on WebGPU in a pass of its own, which costs a little.',
  noKernels: 'Nothing here times single kernels: on WebGPU it takes timestamp queries.',
  kernel: 'Kernel',
  timesAToken: 'Times a token',
  msOf: (setup: string) => `${setup}, ms`,

  plot: 'What a token costs, by its position',
  plotLabel:
    'Milliseconds a token against its position, a line for each column of the table. The numbers are in the table below.',
  position: 'Position, in tokens',
  msAToken: 'ms a token',
  inNumbers: 'In numbers',
  copy: 'Copy result',
  show: 'As JSON',
} as const
