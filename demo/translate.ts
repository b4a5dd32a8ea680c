/** @file The texts of the page in its language. Other modules come after it: it waits for a language that is not English. */

import { english } from '../src/element/labels/labels.ts'
import { type Language, languageOf } from './language.ts'
import type { Translation } from './languages/translation.ts'
import { readSettings } from './settings.ts'
import { createSmallStorage } from './storage.ts'

const translations: Readonly<Record<Exclude<Language, 'en'>, () => Promise<Translation>>> = {
  de: async () => (await import('./languages/de.ts')).german,
  zh: async () => (await import('./languages/zh.ts')).chinese,
}

const translation = await load()

/** Undefined for English, also where the other language cannot be fetched. */
async function load(): Promise<Translation | undefined> {
  if (typeof document === 'undefined') return undefined // a test
  const { language } = readSettings(createSmallStorage({ onTrouble: () => {}, onWell: () => {} }))
  const wanted = languageOf(language, navigator.languages)
  return wanted === 'en' ? undefined : translations[wanted]().catch(() => undefined)
}

/** The element's texts, and how numbers are written. */
export const labels = translation?.labels ?? english

/** The texts of a part of the page, of which this is the English. */
export function inLanguage<Part extends keyof Translation>(
  part: Part,
  inEnglish: Translation[Part],
): Translation[Part] {
  return translation?.[part] ?? inEnglish
}
