/** @file The language that the browser says it speaks, as others take it. */

/** Where it is none that Intl knows, such as WebKitGTK's "C", let it be English: uPlot fails on it while it is loaded. */
export function mendLanguage(): void {
  try {
    Intl.getCanonicalLocales(navigator.language)
  } catch {
    Object.defineProperty(navigator, 'language', { value: 'en', configurable: true })
  }
}
