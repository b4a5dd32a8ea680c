/** @file How the text of a reply becomes content of the page: plain, or by a renderer. */

import { html, type TemplateResult } from 'lit'
import { guard } from 'lit/directives/guard.js'

/** How the text is to be shown. */
export interface ReplyTextOptions {
  /** More of it is to come. */
  readonly isGrowing: boolean
  readonly render: ((said: string) => Node) | undefined
}

/** Without a renderer plain text; what a model writes never becomes markup here. */
export function renderReplyText(said: string, { isGrowing, render }: ReplyTextOptions): TemplateResult {
  const growing = isGrowing ? ' growing' : ''
  if (render)
    return html`<div class="text rich${growing}" part="text">${guard([said, render], () => render(said))}</div>`
  // On one line: white space is kept.
  return html`<p class="text${growing}" part="text">${said}</p>`
}
