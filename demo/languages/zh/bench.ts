/** @file Chinese text of the view Bench. */

import type { bench as english } from '../en/bench.ts'

export const bench: typeof english = {
  intro:
    '测量模型在当前设备上的速度。模型会再加载一次（在 WebGPU 上，对内核分配工作的每种方式，即每个预设，各加载一次），然后读入文本并回答；不会向任何地方发送数据。',
  until: '测到第几个位置',
  tokens: (tokens) => `${tokens} 个词元`,
  run: '测量',
  cancel: '取消',
  streaming: '正在以最快速度读取内存',
  first: (setup, rate) => `${setup}：回复时每秒 ${rate} 个词元。`,
  measuring: (setup, share, left, others) =>
    `${setup}：${share}，大约还需 ${left}${others > 0 ? `，之后还有 ${others} 项` : ''}`,
  loading: (setup) => `${setup}：正在加载和预热`,
  note: '请关闭其他标签页并接通电源：其他正在运行的程序都会影响结果。',

  result: '结果',
  table: (device) => `按实际时间计的中位数，设备：${device}`,
  measure: '测量项',
  usual: (setup) => `${setup}（此处默认）`,
  reply: '回复，词元/秒',
  prefill: '提示词，词元/秒',
  streamingShare: '读取权重，占最快速度的比例',
  memory: '内存',
  grown: '内存增长，字节',
  dispatches: '每个词元的 dispatch 次数',
  submits: '每个词元的 submit 次数',
  readBack: '每个词元读回的字节数',
  load: '加载',
  ms: (ms) => `${ms} 毫秒`,
  streamingIs: (rate) => `只读取内存的内核在这里可达 ${rate}；回复中的每个词元都要读取全部权重。`,

  kernels: '内核',
  kernelsAbout: '每个内核在一个词元上的耗时，所有层合计。每个内核单独计时，在 WebGPU 上各用一个 pass，会略有开销。',
  noKernels: '这里无法为单个内核计时：在 WebGPU 上需要时间戳查询。',
  kernel: '内核',
  timesAToken: '每个词元的次数',
  msOf: (setup) => `${setup}，毫秒`,

  plot: '每个词元的耗时，按位置',
  plotLabel: '每个词元的毫秒数随位置的变化，表中每列对应一条线。数值见下方表格。',
  position: '位置（词元）',
  msAToken: '毫秒/词元',
  inNumbers: '数值',
  copy: '复制结果',
  show: '以 JSON 显示',

  taken: '带走结果',
  takenAbout: '页面加载以来测得的全部结果，并附浏览器给出的设备名称。',
  products: {
    title: '乘积的每种划分',
    about:
      '几乎所有时间都用在与权重相乘上。这里在 WebGPU 上、不需要模型，用每种分配工作的方式计算一个这样的乘积：需要一两分钟，可以看出预设在此设备上应采用哪种方式。',
    run: '试遍每种划分',
    starting: '正在开始',
    trying: (codec, tokens) => `权重格式 ${codec}，同时处理的词元：${tokens}`,
    noWebGpu: '这需要 WebGPU，而此处没有。',
    table: (rows, columns, device) => `权重 (${rows}, ${columns})，按实际时间计的中位数，设备：${device}`,
    product: '权重与词元',
    kind: (codec, tokens) => `${codec} × ${tokens}`,
    fastestMs: '最快，毫秒',
    fastest: '其划分',
    shapes:
      '一种划分：共用若干行的调用数 × 一个工作组中这样的块数 × 每块的行数 × 每块的词元数。标有 subgroup 的，由相邻调用共享所读内容。',
    leftOut: (count) => `因时间不足或不受支持而略去：${count} 种；JSON 中列出了它们。`,
  },
}
