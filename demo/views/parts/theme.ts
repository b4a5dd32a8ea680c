/** @file The page's colours for what is drawn on a canvas, which knows no style sheet. */

import { element } from '../../panels/dom.ts'

/** A CSS colour (`var(--ink)`, `light-dark(…)`) as it is at `place` now, in a form that canvases take. */
export function resolveColor(place: HTMLElement, color: string): string {
  const probe = element('i', { hidden: true })
  probe.style.color = color
  place.append(probe)
  const resolved = getComputedStyle(probe).color
  probe.remove()
  return resolved
}

/** Be told when the page turns light or dark, by the system or by its reader's choice. */
export function onThemeChange(listener: () => void): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', listener)
  new MutationObserver(listener).observe(document.documentElement, {
    attributeFilter: ['data-theme', 'class', 'style'],
  })
}
