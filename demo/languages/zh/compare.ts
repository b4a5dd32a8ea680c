/** @file Chinese text of the view that compares answers. */

import type { compare as english } from '../en/compare.ts'

export const compare: typeof english = {
  title: '对比',
  about: '问题只读一次。每个回答都从同一状态的副本开始，复制不花时间，所有回答同时生成。',
  modesLabel: '对比什么',
  modes: { answers: '多个回答', settings: '两种设置' },
  question: '问题',
  placeholder: '写一条消息',
  count: '回答数',
  place: (messages) => (messages === 0 ? '将在新对话中提问。' : '将作为这个对话的下一条消息提问。'),
  inPlace: '将在对话中它原来的位置提问。你保留的回答会开始一个新分支，原来的内容仍然保留。',
  temperature: '温度',
  topP: 'Top-p',
  setting: (letter) => `设置 ${letter}`,
  ask: '提问',
  stop: '停止',
  answer: (place) => `回答 ${place + 1}`,
  keep: '保留这个',
  writing: '正在生成回答。',
  done: '所有回答都已完成。保留一个，或再次提问。',
}
