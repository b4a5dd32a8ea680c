/** @file What stands around or in place of the transcript: header, poster, load, faults, and no WebGPU at all. */

import { html, nothing, type TemplateResult } from 'lit'
import type { LoadProgress } from '../core/protocol.ts'
import type { RwkvChatLabels } from './labels/labels.ts'
import { formatBytes, formatProgress } from './text.ts'
import type { RwkvChatEventDetails } from './types.ts'

/** The line above the conversation. */
export function headerView(options: {
  readonly labels: RwkvChatLabels
  readonly title: string
  readonly canClear: boolean
  readonly onClear: () => void
}): TemplateResult {
  const { labels, title, canClear, onClear } = options
  return html`<header class="header" part="header">
    <slot name="header"><span class="name" part="title">${title}</span></slot>
    ${canClear ? html`<button class="plain" part="clear-button" type="button" @click=${onClear}>${labels.newConversation}</button>` : nothing}
  </header>`
}

/** Before a load. */
export function posterView({
  labels,
  hasSource,
  load,
}: {
  readonly labels: RwkvChatLabels
  readonly hasSource: boolean
  readonly load: unknown
}): TemplateResult {
  return html`<div class="middle" part="poster">
    <slot name="poster"
      ><p class="title">${labels.posterTitle}</p><p class="quiet">${hasSource ? labels.poster : labels.noSource}</p></slot
    >
    ${load}
  </div>`
}

/** The click that a large model waits for. */
export function loadButton(labels: RwkvChatLabels, byteLength: number | undefined, onLoad: () => void): TemplateResult {
  return html`<button class="primary load" part="load-button" type="button" @click=${onLoad}>${
    byteLength === undefined ? labels.load : labels.loadOf(formatBytes(byteLength, labels))
  }</button>`
}

/** How far a load is. */
export function loadingView(labels: RwkvChatLabels, progress: LoadProgress): TemplateResult {
  const { phase, loaded, total } = progress
  return html`<div class="loading" part="loading">
    <p class="row"><span>${labels.phase[phase]}</span><span class="bytes">${formatProgress(progress, labels)}</span></p>
    ${
      total > 0
        ? html`<progress part="progress" aria-label=${labels.loadProgress} max=${total} .value=${loaded}></progress>`
        : html`<progress part="progress" aria-label=${labels.loadProgress}></progress>`
    }
  </div>`
}

/** Something to know that can be put away. */
export function noticeView(labels: RwkvChatLabels, sentence: string, onDismiss: () => void): TemplateResult {
  return html`<div class="notice" part="notice" role="status">
    <p>${sentence}</p>
    <button class="plain" part="dismiss-button" type="button" aria-label=${labels.dismiss} @click=${onDismiss}>×</button>
  </div>`
}

/** Something that failed, and what can be done about it. */
export function faultView(options: {
  readonly labels: RwkvChatLabels
  readonly title: string
  readonly fault: RwkvChatEventDetails['error']
  readonly onRetry: () => void
}): TemplateResult {
  const { labels, title, fault, onRetry } = options
  return html`<div class="notice fault" part="fault" role="alert" data-code=${fault.code}>
    <p><strong>${title}</strong> ${fault.message}</p>
    <button class="primary" part="retry-button" type="button" @click=${onRetry}>${labels.tryAgain}</button>
  </div>`
}

/** In place of the chat where there is no WebGPU. */
export function unsupportedView(options: {
  readonly labels: RwkvChatLabels
  readonly sentence: string | undefined
  readonly onRetry: () => void
}): TemplateResult {
  const { labels, sentence, onRetry } = options
  return html`<div class="middle" part="unsupported" role="alert">
    <slot name="unsupported"
      ><p class="title">${labels.unsupportedTitle}</p>
      <p class="quiet">${sentence ?? labels.unsupported}</p>
      <p class="quiet">${labels.unsupportedAdvice}</p></slot
    >
    <button class="primary" part="retry-button" type="button" @click=${onRetry}>${labels.tryAgain}</button>
  </div>`
}
