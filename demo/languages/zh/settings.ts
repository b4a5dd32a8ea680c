/** @file Chinese text of the settings. */

import type { settings as english } from '../en/settings.ts'

export const settings: typeof english = {
  title: '设置',
  about: '保存在这个浏览器中，从下一条回复起生效。',

  replies: '采样',
  repliesAbout: '留空则使用模型的默认值。',
  presetsLabel: '预设',
  presets: {
    model: '模型默认',
    exact: '贪心',
    careful: '谨慎',
    balanced: '均衡',
    lively: '活泼',
  },
  options: {
    temperature: ['温度', '0 总是选最可能的词元；大于 1 更出人意料。'],
    topP: ['Top-p', '最可能的词元，直到概率之和达到这个比例。'],
    topK: ['Top-k', '最多保留这么多个最可能的词元；0 表示全部。'],
    minP: ['Min-p', '去掉概率低于最可能词元这一比例的词元。'],
    presencePenalty: ['存在惩罚', '降低回复中已出现过的词元的概率。'],
    frequencyPenalty: ['频率惩罚', '同上，按出现的次数累计。'],
    penaltyDecay: ['惩罚衰减', '每过一个词元，惩罚还剩多少。'],
    maxTokens: ['最长回复', '以词元计；点“继续”可以接着写。'],
    minTokens: ['最短回复', '以词元计。'],
    seed: ['随机种子', '相同的数，相同的回复。'],
  },
  range: (least, most) => `范围：${least} 到 ${most}。`,
  more: '更多选项',
  fields: {
    stop: ['停止文本', '每行一个；回复会在最先出现的一个之前结束。'],
    logitBias: ['偏好', '每行一个：词元、空格和偏好程度，例如“ cat 2”。'],
    bannedIds: ['禁用的词元', '它们的编号，用逗号分隔。'],
    allowedIds: ['只允许的词元', '它们的编号，用逗号分隔。'],
  },
  notNumbers: '请填写用逗号分隔的整数。',
  notBiases: '每行应为一个词元、一个空格和一个 -100 到 100 的数。',
  reset: '使用模型的默认值',

  conversation: '对话的开头',
  system: '系统文本',
  systemAbout: '在每个新对话的第一条消息之前读入。',

  promptFormat: '提示词格式',
  promptFormatAbout: '消息以什么格式写给模型。请选择它训练时所用的格式。',
  promptFormats: {
    model: '模型默认',
    userAssistant: 'User、Assistant',
    questionAnswer: 'Question、Answer',
    bobAlice: 'Bob、Alice',
    plain: '纯文本',
  },

  looks: '外观',
  language: '语言',
  asBrowser: '跟随浏览器',
  languageAbout: '更改后页面会重新加载。模型用它学过的语言回答。',
  theme: '主题',
  themes: { system: '跟随系统', light: '浅色', dark: '深色' },
  fontSize: '文字大小',
  fontSizes: { 87.5: '小', 100: '标准', 112.5: '大', 125: '较大', 150: '最大' },
  resetAll: '重置所有设置',
}
