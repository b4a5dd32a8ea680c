/** @file What stands around or in place of the transcript: header, poster, load, faults, and no WebGPU at all. */

import { html, nothing, type TemplateResult } from 'lit'
import type { LoadProgress } from '../core/protocol.ts'
import { formatProgress, text } from './text.ts'
import type { RwkvChatEventDetails } from './types.ts'

/** The line above the conversation. */
export function headerView(options: {
  readonly title: string
  readonly canClear: boolean
  readonly onClear: () => void
}): TemplateResult {
  const { title, canClear, onClear } = options
  return html`<header class="header" part="header">
    <slot name="header"><span class="name" part="title">${title}</span></slot>
    ${canClear ? html`<button class="plain" part="clear-button" type="button" @click=${onClear}>${text.newConversation}</button>` : nothing}
  </header>`
}

/** Before a load. */
export function posterView({
  hasSource,
  load,
}: {
  readonly hasSource: boolean
  readonly load: unknown
}): TemplateResult {
  return html`<div class="middle" part="poster">
    <slot name="poster"
      ><p class="title">${text.posterTitle}</p><p class="quiet">${hasSource ? text.poster : text.noSource}</p></slot
    >
    ${load}
  </div>`
}

/** The click that a large model waits for. */
export function loadButton(byteLength: number | undefined, onLoad: () => void): TemplateResult {
  return html`<button class="primary load" part="load-button" type="button" @click=${onLoad}>${
    byteLength === undefined ? text.load : text.loadOf(byteLength)
  }</button>`
}

/** How far a load is. */
export function loadingView(progress: LoadProgress): TemplateResult {
  const { phase, loaded, total } = progress
  return html`<div class="loading" part="loading">
    <p class="row"><span>${text.phase[phase]}</span><span class="bytes">${formatProgress(progress)}</span></p>
    ${
      total > 0
        ? html`<progress part="progress" aria-label=${text.loadProgress} max=${total} .value=${loaded}></progress>`
        : html`<progress part="progress" aria-label=${text.loadProgress}></progress>`
    }
  </div>`
}

/** Something to know that can be put away. */
export function noticeView(sentence: string, onDismiss: () => void): TemplateResult {
  return html`<div class="notice" part="notice" role="status">
    <p>${sentence}</p>
    <button class="plain" part="dismiss-button" type="button" aria-label=${text.dismiss} @click=${onDismiss}>×</button>
  </div>`
}

/** Something that failed, and what can be done about it. */
export function faultView(options: {
  readonly title: string
  readonly fault: RwkvChatEventDetails['error']
  readonly onRetry: () => void
}): TemplateResult {
  const { title, fault, onRetry } = options
  return html`<div class="notice fault" part="fault" role="alert" data-code=${fault.code}>
    <p><strong>${title}</strong> ${fault.message}</p>
    <button class="primary" part="retry-button" type="button" @click=${onRetry}>${text.tryAgain}</button>
  </div>`
}

/** In place of the chat where there is no WebGPU. */
export function unsupportedView(options: {
  readonly sentence: string | undefined
  readonly onRetry: () => void
}): TemplateResult {
  const { sentence, onRetry } = options
  return html`<div class="middle" part="unsupported" role="alert">
    <slot name="unsupported"
      ><p class="title">${text.unsupportedTitle}</p>
      <p class="quiet">${sentence ?? text.unsupported}</p>
      <p class="quiet">${text.unsupportedAdvice}</p></slot
    >
    <button class="primary" part="retry-button" type="button" @click=${onRetry}>${text.tryAgain}</button>
  </div>`
}
