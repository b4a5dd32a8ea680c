/**
 * @file The texts of `<rwkv-chat>` in Chinese, in simplified characters: the entry `rwkv.js/labels/zh`.
 *
 * @module rwkv.js/labels/zh
 */

import type { ErrorCode } from '../../core/errors.ts'
import type { RwkvChatLabels } from './labels.ts'

/** Faults that readers can do something about; the others are told in English. */
const faults: Readonly<Partial<Record<ErrorCode | 'unknown', string>>> = {
  'file/not-found': '这个地址没有模型。',
  'file/network': '网络无法连接，或者服务器不提供这个模型。',
  'file/not-weights': '这个文件里没有模型。',
  'file/unsupported': '这里无法读取这种文件。',
  'file/truncated': '文件不完整，请重新下载。',
  'model/unsupported-version': '这里无法运行这种模型。',
  'store/quota': '这台设备已没有空间存放模型。',
  'gpu/unavailable': '模型需要 WebGPU 或 WebAssembly，而这个浏览器没有向本页面提供其中任何一种。',
  'gpu/lost': '显卡已停止响应，或正被其他程序占用。',
  'gpu/limits': '模型太大，这块显卡放不下。',
  'gpu/out-of-memory': '显存不足。',
  'wasm/out-of-memory': '内存不足。',
  'worker/unavailable': '运行模型的 Worker 无法启动。',
  'worker/gone': '运行模型的 Worker 已中断。',
}

/** Simplified Chinese. */
export const chinese: RwkvChatLabels = {
  locale: 'zh-CN',

  conversation: '对话',
  chat: '聊天',
  newConversation: '重新开始',
  you: '你',
  model: '模型',

  posterTitle: '只留在这台设备上的聊天',
  poster: '模型就在这个页面里运行。你输入的内容不会离开这台设备。',
  noSource: '没有为这个聊天指定模型：缺少 src 属性。',
  load: '加载模型',
  loadOf: (size) => `加载模型（${size}）`,
  emptyTitle: '说点什么吧',
  empty: '模型就在这个页面里运行。你输入的内容不会离开这台设备。',

  message: '消息',
  placeholder: '写一条消息',
  send: '发送',
  stop: '停止',
  queuedForModel: '模型准备好后就会发送。',
  queuedForReply: '这条回复结束后就会发送。',
  recovering: 'GPU 已停止。模型正在恢复，并会从原处继续。',
  moved: 'GPU 无法恢复。模型已转到其他设备上继续，之后的回复可能与原本不同。',

  attach: '附加文本文件',
  attachments: '消息的附件',
  remove: (name) => `移除 ${name}`,
  pasted: '粘贴的文本',
  characters: (count) => `${count} 个字符`,
  notText: (names) => `${names}：不是文本，或超过 10 MB。`,

  copy: '复制',
  copied: '已复制',
  regenerate: '重新回答',
  resume: '继续',

  think: '思考',
  thinkOptions: { no: '不思考', yes: '思考', 'a bit': '稍作思考', 'a lot': '深入思考' },
  thinking: '正在思考…',
  thoughts: '思考过程',
  onlyThoughts: '在回答之前就被截断了。',

  waitingForFirst: '模型正在阅读。',
  reading: (read, total, left) => `正在阅读：第 ${read} / ${total} 个词元，还需 ${left}`,
  seconds: (count) => `${count} 秒`,
  minutes: (count) => `${count} 分钟`,
  stoppedEarly: '在第一个词之前就停止了。',
  nothingSaid: '模型没有什么要说的。',
  toLatest: '回到最新',
  replyBegan: (name) => `${name} 正在回复。`,
  replySaid: (name, reply) => `${name}：${reply}`,

  tokens: (count) => `${count} 个词元`,
  firstAfter: (seconds) => `首个用时 ${seconds} 秒`,
  speed: (tokensPerSecond) => `每秒 ${tokensPerSecond} 个词元`,
  stopped: '已停止',
  cut: '达到上限被截断',

  phase: {
    open: '正在打开模型',
    download: '正在下载模型',
    weights: '正在加载模型',
    compile: '正在准备内核',
    ready: '就绪',
  },
  loadProgress: '加载进度',
  progress: (loaded, total) => `${loaded} / ${total}`,
  bytes: (count) => `${count} 字节`,

  software: '没有使用硬件显卡，模型在软件中运行：较慢，但功能完整。',
  dismiss: '关闭',
  loadFailed: '模型无法加载。',
  replyFailed: '回复中断了。',
  modelStopped: '模型已停止。',
  tryAgain: '重试',
  fault: (code, message) => faults[code] ?? message,

  unsupportedTitle: '这个浏览器还不能运行模型',
  unsupported: '模型需要 WebGPU 或 WebAssembly，而这个浏览器没有向本页面提供其中任何一种。',
  unsupportedAdvice:
    '请使用最新的 Chrome 或 Edge、Safari 26 及以上版本，或 Windows、macOS 上最新的 Firefox，并开启图形加速；页面必须通过 https 或从 localhost 打开。',
}
