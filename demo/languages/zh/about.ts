/** @file Chinese text of the view About. */

import type { about as english } from '../en/about.ts'

export const about: typeof english = {
  what: 'rwkv.js 在浏览器里运行 RWKV 语言模型：使用 GPU，没有可用的 GPU 时使用 CPU。这类模型是循环神经网络：它对一段对话的记忆大小固定，所以第一千个词元的开销与第一个相同。',

  leavesTitle: '哪些数据会离开这台设备',
  leaves: '没有。',
  leavesMore:
    '你输入的内容、模型说的话都不会，也没有任何统计。网络只用来获取这个页面自己的文件，以及你所选模型的文件。取到之后，全部功能都可以离线使用。',

  software:
    '没有使用硬件显卡：这个浏览器用软件运行 WebGPU。功能完整，但速度慢很多。在浏览器设置里开启图形加速，或更新显卡驱动，也许会有改善。',

  onCpu: '模型通过 WebAssembly 在 CPU 上运行。功能完整，但比 GPU 慢。',

  runsOn: '设备',
  computedBy: '运算设备',
  gpu: 'GPU，通过 WebGPU',
  gpuInSoftware: 'CPU，通过软件实现的 WebGPU',
  cpu: 'CPU，通过 WebAssembly',
  why: '原因',
  unnamed: '浏览器未提供',
  vendor: '厂商',
  architecture: '架构',
  description: '说明',
  limitsTitle: '限制',
  limit: '限制',
  limitsNote: '这是设备的限制。rwkv.js 对 WebGPU 的要求不超出任何设备都具备的水平，因此手机也能运行。',
  features: '特性',
  noFeatures: '无',

  model: '模型',
  name: '名称',
  version: '架构',
  shape: '层数 × 通道数',
  vocabulary: '词表',
  tokens: (count) => `${count} 个词元`,
  weights: '权重',
  weightsOf: (bytes, format) => `${bytes}，${format}`,
  state: '状态',
  constant: (bytes) => `${bytes}，恒定不变`,
  license: '许可证',
  fingerprint: '指纹',

  here: '本页面',
  page: 'rwkv.js',
  browser: '浏览器',
  secure: '安全上下文',
  stored: '保存在这台设备上',
  yes: '是',
  no: '否',

  diagnostics: '诊断信息',
  diagnosticsNote: '用于报告故障：以 JSON 列出这个页面的运行环境。其中没有你的任何对话，只会复制到剪贴板。',
  copy: '复制诊断信息',
  show: '显示',
}
