import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { languageOf } from '../../demo/language.ts'
import { german } from '../../demo/languages/de.ts'
import { about } from '../../demo/languages/en/about.ts'
import { bench } from '../../demo/languages/en/bench.ts'
import { compare } from '../../demo/languages/en/compare.ts'
import { form } from '../../demo/languages/en/form.ts'
import { lab } from '../../demo/languages/en/lab.ts'
import { models } from '../../demo/languages/en/models.ts'
import { page } from '../../demo/languages/en/page.ts'
import { settings } from '../../demo/languages/en/settings.ts'
import { state } from '../../demo/languages/en/state.ts'
import type { Translation } from '../../demo/languages/translation.ts'
import { chinese } from '../../demo/languages/zh.ts'
import { english as labels } from '../../src/element/labels/labels.ts'

const english: Translation = { about, bench, compare, form, lab, labels, models, page, settings, state }
const MOST_VALUES = 4
const MARKS = ['71', '72', '73', '74'] // digits, so that they are numbers too

type Said = (...values: readonly string[]) => string

/** Every text of a table by its path; what is no table and no text, such as null, throws. */
function textsOf(table: object, path = ''): Map<string, string | Said> {
  const texts = new Map<string, string | Said>()
  for (const [name, text] of Object.entries(table)) {
    const here = `${path}${name}`
    if (typeof text === 'string' || typeof text === 'function') texts.set(here, text)
    else for (const [inner, found] of textsOf(text, `${here}.`)) texts.set(inner, found)
  }
  return texts
}

/** Which of the values that it is given a text says: of all, and of all but one, which is left empty. */
function valuesIn(text: Said): string[] {
  const given = [MARKS, ...MARKS.map((_, empty) => MARKS.map((mark, i) => (i === empty ? '' : mark)))]
  return given.map((values) => [...new Set(text(...values).match(/7[1-4]/g))].sort().join(' '))
}

const inWords = (text: string | Said) => (typeof text === 'string' ? text : text(...MARKS))

describe.each([
  ['German', german],
  ['Chinese', chinese],
])('%s', (_, other) => {
  const [ours, theirs] = [textsOf(english), textsOf(other)]

  test('has every text that English has, and no more', () => {
    expect(ours.size).toBeGreaterThan(500)
    expect([...theirs.keys()].sort()).toEqual([...ours.keys()].sort())
  })

  test('says the same values in each of them', () => {
    const said: [string, unknown, unknown][] = []
    for (const [name, text] of ours) {
      const translated = theirs.get(name)
      if (name === 'labels.fault') continue // says what is told, in words of its own
      expect(typeof translated, name).toBe(typeof text)
      if (typeof text === 'function' && typeof translated === 'function')
        said.push([name, valuesIn(text), valuesIn(translated)])
    }
    expect(said.length).toBeGreaterThan(90)
    for (const [name, inEnglish, inTheirs] of said) expect(inTheirs, name).toEqual(inEnglish)
  })

  test('leaves no text empty', () => {
    for (const [name, text] of theirs) expect(inWords(text).trim(), name).not.toBe('')
  })
})

test('nothing of a language imports code but of its own folder: the page waits for it, so it must not wait for the page', () => {
  const folder = new URL('../../demo/languages/', import.meta.url)
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  expect(files.length).toBeGreaterThan(20)
  const imported = files.flatMap((name) =>
    Array.from(
      readFileSync(new URL(name, folder), 'utf8').matchAll(/^import \{[^}]*\} from '([^']+)'/gm),
      ([, from]) => from,
    ),
  )
  for (const from of imported) expect(from).toMatch(/^(\.\/(de|zh)|\.\.\/\.\.\/src\/element\/labels)\/\w+\.ts$/)
  for (const name of ['de', 'zh']) {
    const labels = readFileSync(new URL(`../../src/element/labels/${name}.ts`, folder), 'utf8')
    expect(labels).not.toMatch(/^import (?!type )/m)
  }
})

test('no text takes more values than were tried', () => {
  for (const table of [english, german, chinese])
    for (const [name, text] of textsOf(table))
      if (typeof text === 'function') expect(text.length, name).toBeLessThanOrEqual(MOST_VALUES)
})

test('sentences stand in words of their own', () => {
  const ours = textsOf(english)
  const isSentence = (text: string) => (text.match(/\p{L}+/gu)?.length ?? 0) > 3
  for (const [name, text] of textsOf(german))
    if (isSentence(inWords(text))) expect(inWords(text), name).not.toBe(inWords(ours.get(name) ?? ''))
  for (const [name, text] of textsOf(chinese))
    if (isSentence(inWords(ours.get(name) ?? ''))) expect(inWords(text), name).toMatch(/\p{Script=Han}/u)
})

test.each([
  [undefined, ['de-DE', 'en'], 'de'],
  [undefined, ['fr', 'zh-Hans-CN', 'en'], 'zh'],
  [undefined, ['EN-gb', 'de'], 'en'],
  [undefined, ['C'], 'en'],
  [undefined, [], 'en'],
  [undefined, ['constructor'], 'en'],
  ['zh', ['de'], 'zh'],
] as const)('chosen %s, in a browser that asks for %j, the page speaks %s', (chosen, asked, language) => {
  expect(languageOf(chosen, asked)).toBe(language)
})
