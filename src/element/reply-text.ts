/** @file How the text of a reply becomes content of the page: the one place to change for richer text. */

import { html, type TemplateResult } from 'lit'

/** Plain text; what a model writes never becomes markup. `isGrowing` while more of it is to come. */
export function renderReplyText(said: string, { isGrowing }: { readonly isGrowing: boolean }): TemplateResult {
  // On one line: white space is kept.
  return html`<p class=${isGrowing ? 'text growing' : 'text'} part="text">${said}</p>`
}
