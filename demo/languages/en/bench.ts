/** @file English text of the view Bench. */

export const bench = {
  intro:
    'How fast the model runs on the device that it is on. It is loaded once more, on WebGPU for each way of sharing the work of a kernel (preset), fed, and asked; nothing of it is sent anywhere.',
  until: 'Positions up to',
  tokens: (tokens: string) => `${tokens} tokens`,
  run: 'Measure',
  cancel: 'Cancel',
  streaming: 'Reading memory as fast as it goes',
  first: (setup: string, rate: string) => `${setup}: ${rate} tokens/s in a reply.`,
  /** `others`: how many setups come after this one. */
  measuring: (setup: string, share: string, left: string, others: number) =>
    `${setup}: ${share}, about ${left} left${others > 0 ? `, then ${others} more` : ''}`,
  loading: (setup: string) => `${setup}: loading and warming up`,
  note: 'Close other tabs and plug the device in: whatever else runs is in these numbers.',

  result: 'Result',
  table: (device: string) => `Medians by wall clock, on this device: ${device}`,
  measure: 'Measured',
  /** A setup that is taken where none is asked for. */
  usual: (setup: string) => `${setup} (default here)`,
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

  taken: 'Take it along',
  takenAbout: 'All that was measured since the page was loaded, with the name that the browser gives the device.',
  products: {
    title: 'Every shape of a product',
    about:
      'Nearly all time goes into multiplying by weights. Here one such product is tried in each way of sharing its work, on WebGPU and without a model: that takes a minute or two, and shows which way a preset should take on this device.',
    run: 'Try every shape',
    starting: 'Starting',
    trying: (codec: string, tokens: string) => `Weights in ${codec}, tokens at once: ${tokens}`,
    noWebGpu: 'This takes WebGPU, which is not here.',
    table: (rows: string, columns: string, device: string) =>
      `Weights (${rows}, ${columns}), medians by wall clock, on this device: ${device}`,
    product: 'Weights and tokens',
    kind: (codec: string, tokens: string) => `${codec} × ${tokens}`,
    fastestMs: 'Fastest, ms',
    fastest: 'Its shape',
    shapes:
      'A shape: invocations that share rows × such tiles of a workgroup × rows of a tile × its tokens. With “subgroup”, neighbours share what they read.',
    leftOut: (count: string) => `Left out for want of time or support: ${count}; the JSON names them.`,
  },
}
