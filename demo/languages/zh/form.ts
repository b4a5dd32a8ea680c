/** @file Chinese text of the view Form. */

import type { form as english } from '../en/form.ts'

export const form: typeof english = {
  title: '表单',
  about:
    '模型以符合模式（schema）的 JSON 回答：在它的所有词元中，只有符合要求的才能被选中。所以即使很小的模型，也会在每个字段填上合适的内容。',
  request: '表单的主题',
  fill: '填写',
  filling: '模型正在填写表单。',
  done: (tokens) => `填写完成，用了 ${tokens} 个词元。`,
  raw: 'JSON 形式的回复',
  fields: {
    name: '名字',
    kind: '种类',
    age: '年龄',
    friendly: '友好',
    weather: '天气',
    people: '居民人数',
    guest: '客人',
    day: '星期',
    hour: '时间',
    cake: '蛋糕',
  },
  forms: { hero: '主角', place: '地点', plan: '聚会', own: '自定义' },
  formsLabel: '表单',
  schema: 'JSON 模式（JSON Schema）',
  notJson: (why) => `模式不是有效的 JSON：${why}`,
}
