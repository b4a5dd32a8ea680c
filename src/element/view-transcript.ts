/** @file The transcript as a pure function of its entries. */

import { html, nothing, type TemplateResult } from 'lit'
import { withoutAttachments } from './attachments.ts'
import { type Entry, isCut, type ReplyEntry } from './conversation.ts'
import { describeError } from './events.ts'
import { icons } from './icons.ts'
import type { RwkvChatLabels } from './labels/labels.ts'
import { renderReplyText } from './reply-text.ts'
import { formatCost, formatReading, formatThoughts } from './text.ts'
import type { MessageAction } from './types.ts'
import { attachedView } from './view-attachments.ts'

/** What the transcript shows and tells. */
export interface TranscriptView {
  readonly labels: RwkvChatLabels
  readonly entries: readonly Entry[]
  readonly isReplying: boolean
  /** The reader has scrolled away from the end. */
  readonly isAway: boolean
  readonly onScroll: (event: Event) => void
  readonly onToLatest: () => void
  readonly renderReply: ((said: string) => Node) | undefined
  readonly onCopy: (said: string) => void
  /** What was copied a moment ago. */
  readonly copied: string | undefined
  /** Absent while nothing can be done with the last reply. */
  readonly onRegenerate: (() => void) | undefined
  readonly onResume: (() => void) | undefined
  /** The page's own, by the place of the message. */
  readonly actionsOf: ((place: number) => readonly MessageAction[]) | undefined
}

/** The message list; while it is empty, what the page has put into the slot `empty`. */
export function transcriptView(view: TranscriptView): TemplateResult {
  const { labels, entries, isReplying, isAway, onScroll, onToLatest } = view
  const isEmpty = entries.length === 0
  // Pieces of a reply are not read out as they come: the live region says the whole of it.
  return html`<div class="stage">
    <div
      class="log"
      part="transcript"
      role="log"
      aria-live="off"
      aria-label=${labels.conversation}
      aria-busy=${isReplying}
      tabindex=${isEmpty ? nothing : 0}
      ?hidden=${isEmpty}
      @scroll=${onScroll}
    >${entries.map((entry, place) => entryView(entry, view, place))}</div>
    ${isEmpty ? emptyView(labels) : nothing}
    ${isAway ? html`<button class="latest" part="latest-button" type="button" aria-label=${labels.toLatest} @click=${onToLatest}>↓</button>` : nothing}
  </div>`
}

function emptyView(labels: RwkvChatLabels): TemplateResult {
  return html`<div class="middle" part="empty">
    <slot name="empty"><p class="title">${labels.emptyTitle}</p><p class="quiet">${labels.empty}</p></slot>
  </div>`
}

function entryView(entry: Entry, view: TranscriptView, place: number): TemplateResult {
  const own = view.actionsOf?.(place) ?? []
  if (entry.kind === 'reply') return replyView(entry, view, own)
  const { words, attachments } = withoutAttachments(entry)
  return html`<div class="asked">
    <slot name="message-${place}"><article class="message user" part="message user-message" aria-label=${view.labels.you}>${attachedView(view.labels, attachments)}<p class="text" part="text" ?hidden=${words === ''}>${words}</p></article>
    ${actionsView(own)}</slot>
  </div>`
}

function replyView(reply: ReplyEntry, view: TranscriptView, own: readonly MessageAction[]): TemplateResult {
  return html`<article class="message reply" part="message reply" aria-label=${reply.name}>
    <p class="speaker" part="speaker" aria-hidden="true">${reply.name}</p>
    ${thoughtsView(reply, view)}${bodyView(reply, view)}${endView(reply, view)}${actionsView([...replyActions(reply, view), ...own])}
  </article>`
}

/** Folded, unless the reader opens them. */
function thoughtsView(
  { thoughts, text: said, end }: ReplyEntry,
  { labels }: TranscriptView,
): TemplateResult | typeof nothing {
  if (!thoughts?.text) return nothing
  const isOver = said !== '' || end !== undefined
  return html`<details class="thoughts" part="thoughts"><summary>${isOver ? formatThoughts(thoughts, labels) : labels.thinking}</summary><p class="text">${thoughts.text}</p></details>`
}

function bodyView(
  { text: said, thoughts, end, reading }: ReplyEntry,
  view: TranscriptView,
): TemplateResult | typeof nothing {
  const { labels } = view
  if (said !== '') return renderReplyText(said, { isGrowing: end === undefined, render: view.renderReply })
  if (end === undefined && reading)
    return html`<div class="reading" part="reading">
      <p class="quiet">${formatReading(reading, labels)}</p>
      <progress part="progress" aria-label=${labels.waitingForFirst} max=${reading.total} .value=${reading.read}></progress>
    </div>`
  if (end === undefined)
    return html`<p class="dots" role="img" aria-label=${labels.waitingForFirst}><i></i><i></i><i></i></p>`
  if (typeof end === 'object' && 'failure' in end) return nothing
  const stopped = end === 'stopped' || (end !== 'restored' && end.cost.finishReason === 'abort')
  const silence = thoughts?.text ? labels.onlyThoughts : labels.nothingSaid
  return html`<p class="quiet">${stopped ? labels.stoppedEarly : silence}</p>`
}

function endView({ end }: ReplyEntry, { labels }: TranscriptView): TemplateResult | typeof nothing {
  if (typeof end !== 'object') return nothing
  if ('cost' in end) return html`<p class="cost" part="cost">${formatCost(end.cost, labels)}</p>`
  const { code, message } = describeError(end.failure)
  return html`<p class="cost" part="failure">${labels.replyFailed} ${labels.fault(code, message)}</p>`
}

/** What can be done with a reply that has ended. */
function replyActions(reply: ReplyEntry, view: TranscriptView): readonly MessageAction[] {
  const { end, text: said } = reply
  if (end === undefined) return []
  const { labels, onCopy, copied, onRegenerate, onResume } = view
  const isLast = reply === view.entries.at(-1)
  return [
    ...(said === '' ? [] : [copyAction(labels, said === copied, () => onCopy(said))]),
    ...(isLast && onRegenerate ? [{ label: labels.regenerate, icon: icons.again, run: onRegenerate }] : []),
    ...(isLast && onResume && isCut(reply) ? [{ label: labels.resume, run: onResume }] : []),
  ]
}

const copyAction = (labels: RwkvChatLabels, isCopied: boolean, run: () => void): MessageAction =>
  isCopied ? { label: labels.copied, run } : { label: labels.copy, icon: icons.copy, run }

function actionsView(actions: readonly MessageAction[]): TemplateResult | typeof nothing {
  if (actions.length === 0) return nothing
  return html`<p class="actions" part="actions">${actions.map(actionView)}</p>`
}

function actionView({ label, icon, run }: MessageAction): TemplateResult {
  if (!icon && !run) return html`<span class="tally">${label}</span>`
  const drawn = icon && html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d=${icon} /></svg>`
  const name = icon ? label : nothing
  return html`<button
    class="plain action"
    part="action-button"
    type="button"
    title=${name}
    aria-label=${name}
    ?disabled=${!run}
    @click=${run}
  >${drawn ?? label}</button>`
}
