/** @file Languages of the page, and the one that the browser says it speaks, as others take it. */

/** By their codes, what they call themselves. */
export const languages = { en: 'English', de: 'Deutsch', zh: '中文' } as const

/** One of them. */
export type Language = keyof typeof languages

/** Whether the page has it. */
export const isLanguage = (code: unknown): code is Language =>
  typeof code === 'string' && Object.hasOwn(languages, code)

/** What the reader chose, or else the first of `asked`, language tags in the order of preference, that the page has. */
export function languageOf(chosen: Language | undefined, asked: readonly string[]): Language {
  return chosen ?? asked.map((tag) => tag.toLowerCase().split('-')[0]).find(isLanguage) ?? 'en'
}

/** Where it is none that Intl knows, such as WebKitGTK's "C", let it be English: uPlot fails on it while it is loaded. */
export function mendLanguage(): void {
  try {
    Intl.getCanonicalLocales(navigator.language)
  } catch {
    Object.defineProperty(navigator, 'language', { value: 'en', configurable: true })
  }
}
