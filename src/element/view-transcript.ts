/** @file The transcript as a pure function of its entries. */

import { html, nothing, type TemplateResult } from 'lit'
import type { Entry, ReplyEntry } from './conversation.ts'
import { describeError } from './events.ts'
import { renderReplyText } from './reply-text.ts'
import { formatCost, text } from './text.ts'

/** What the transcript shows and tells. */
export interface TranscriptView {
  readonly entries: readonly Entry[]
  readonly isReplying: boolean
  /** The reader has scrolled away from the end. */
  readonly isAway: boolean
  readonly onScroll: (event: Event) => void
  readonly onToLatest: () => void
}

/** The message list; while it is empty, what the page has put into the slot `empty`. */
export function transcriptView({ entries, isReplying, isAway, onScroll, onToLatest }: TranscriptView): TemplateResult {
  const isEmpty = entries.length === 0
  // Pieces of a reply are not read out as they come: the live region says the whole of it.
  return html`<div class="stage">
    <div
      class="log"
      part="transcript"
      role="log"
      aria-live="off"
      aria-label=${text.conversation}
      aria-busy=${isReplying}
      tabindex=${isEmpty ? nothing : 0}
      ?hidden=${isEmpty}
      @scroll=${onScroll}
    >${entries.map(entryView)}</div>
    ${isEmpty ? emptyView() : nothing}
    ${isAway ? html`<button class="latest" part="latest-button" type="button" aria-label=${text.toLatest} @click=${onToLatest}>↓</button>` : nothing}
  </div>`
}

function emptyView(): TemplateResult {
  return html`<div class="middle" part="empty">
    <slot name="empty"><p class="title">${text.emptyTitle}</p><p class="quiet">${text.empty}</p></slot>
  </div>`
}

function entryView(entry: Entry): TemplateResult {
  if (entry.kind === 'divider') return html`<p class="divider" part="divider"><span>${text.forgotten}</span></p>`
  if (entry.kind === 'reply') return replyView(entry)
  return html`<article class="message user" part="message user-message" aria-label=${text.you}><p class="text" part="text">${entry.text}</p></article>`
}

function replyView(reply: ReplyEntry): TemplateResult {
  return html`<article class="message reply" part="message reply" aria-label=${reply.name}>
    <p class="speaker" part="speaker" aria-hidden="true">${reply.name}</p>
    ${bodyView(reply)}${endView(reply)}
  </article>`
}

function bodyView({ text: said, end }: ReplyEntry): TemplateResult | typeof nothing {
  if (said !== '') return renderReplyText(said, { isGrowing: end === undefined })
  if (end === undefined)
    return html`<p class="dots" role="img" aria-label=${text.waitingForFirst}><i></i><i></i><i></i></p>`
  if (typeof end === 'object' && 'failure' in end) return nothing
  const stopped = end === 'stopped' || (end !== 'restored' && end.summary.finishReason === 'abort')
  return html`<p class="quiet">${stopped ? text.stoppedEarly : text.nothingSaid}</p>`
}

function endView({ end }: ReplyEntry): TemplateResult | typeof nothing {
  if (typeof end !== 'object') return nothing
  if ('summary' in end) return html`<p class="cost" part="cost">${formatCost(end.summary)}</p>`
  return html`<p class="cost" part="failure">${text.replyFailed} ${describeError(end.failure).message}</p>`
}
