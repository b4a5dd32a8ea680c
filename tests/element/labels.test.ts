import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { german } from '../../src/element/labels/de.ts'
import { english, type RwkvChatLabels } from '../../src/element/labels/labels.ts'
import { chinese } from '../../src/element/labels/zh.ts'
import { formatBytes, formatCost, formatLength, formatProgress, formatTranscript } from '../../src/element/text.ts'
import { visibleTexts } from '../tools/visible-texts.ts'

const folder = new URL('../../src/element/', import.meta.url)

/** Every text of a table by its name; functions say theirs of stand-ins without letters. */
function textsOf(labels: RwkvChatLabels): Map<string, string> {
  const entries = Object.entries(labels).flatMap(([name, label]): (readonly [string, string])[] => {
    if (typeof label === 'string') return [[name, label]]
    if (typeof label === 'function') return [[name, (label as (...given: string[]) => string)('1', '2')]]
    return Object.entries(label as Record<string, string>).map(([choice, text]) => [`${name}.${choice}`, text])
  })
  return new Map(entries.filter(([name]) => name !== 'locale'))
}

describe('texts of the element', () => {
  test('stand in its labels, and nowhere else', () => {
    const files = readdirSync(folder).filter((name) => name.endsWith('.ts'))
    expect(files.length).toBeGreaterThan(10)
    const found = files.flatMap((name) => visibleTexts(readFileSync(new URL(name, folder), 'utf8')))
    const others = ['a bit', 'a lot', 'go on', 'add to', 'noopener noreferrer'] // values, and what errors say
    expect(new Set(found)).toEqual(new Set(others))
  })

  test.each([
    ['between tags', `const view = html\`<p>\${name} Hello</p>\``, '0 Hello'],
    ['in a template within another', `html\`<p>\${isLate ? html\`<b>Late</b>\` : nothing}</p>\``, 'Late'],
    ['for screen readers', `html\`<button aria-label="Close" @click=\${onClose}>×</button>\``, 'Close'],
    ['as a string of words', "const hint = isQueued ? 'Sent later.' : ''", 'Sent later.'],
  ])('are found %s', (_, source, text) => {
    expect(visibleTexts(source)).toEqual([text])
  })

  test('are not what errors say, nor names, nor styles', () => {
    const source = `new RwkvError('a/b', 'It has failed.'); html\`<p class="two words">\${labels.a}</p>\`; css\`a b { c: d e }\``
    expect(visibleTexts(source)).toEqual([])
  })
})

describe('other languages', () => {
  test('say everything in words of their own', () => {
    const common = ['chat', 'replySaid', 'fault', 'speed', 'seconds', 'minutes']
    const inEnglish = textsOf(english)
    for (const [name, text] of textsOf(german))
      if (!common.includes(name)) expect(text, name).not.toBe(inEnglish.get(name))
    for (const [name, text] of textsOf(chinese))
      if (!['replySaid', 'progress', 'fault'].includes(name)) expect(text, name).toMatch(/\p{Script=Han}/u)
  })

  test('write numbers as theirs are written', () => {
    const cost = { tokens: 1234, promptMs: 340, tokensPerSecond: 41.26, finishReason: 'length' } as const
    expect(formatCost(cost)).toBe('1,234 tokens · first after 0.3 s · 41.3 tokens/s · cut at the limit')
    expect(formatCost(cost, german)).toBe(
      '1.234 Token · erstes nach 0,3 s · 41,3 Token/s · an der Grenze abgeschnitten',
    )
    expect(formatCost({ ...cost, tokens: 1 })).toMatch(/^1 token ·/)
    expect(formatCost({ ...cost, promptMs: 49 }, german)).toContain('erstes nach <0,1 s')
    expect(formatProgress({ loaded: 3_200_000, total: 8_900_000 }, german)).toBe('3,2 MB von 8,9 MB')
    expect([formatLength(1), formatLength(2300, german)]).toEqual(['1 character', '2.300 Zeichen'])
    expect(formatBytes(12, chinese)).toBe('12 字节')
    expect(formatTranscript([{ role: 'user', text: 'Hallo' }], 'storyteller', german)).toBe('Sie: Hallo')
  })

  test('tell faults that readers can mend in their words, and the others as the engine does', () => {
    for (const { fault } of [german, chinese]) {
      expect(fault('file/network', 'It failed.')).not.toBe('It failed.')
      expect(fault('file/pickle-opcode', 'It failed.')).toBe('It failed.')
    }
    expect(english.fault('file/network', 'It failed.')).toBe('It failed.')
  })
})
