/** @file Where messages are written. */

import { html, nothing, type TemplateResult } from 'lit'
import type { Thinking } from '../core/protocol.ts'
import { LONG_PASTE } from './attachments.ts'
import type { RwkvChatLabels } from './labels/labels.ts'
import type { Attachment } from './types.ts'
import { chipsView } from './view-attachments.ts'

/** What the composer shows and tells. */
export interface ComposerView {
  readonly labels: RwkvChatLabels
  readonly draft: string
  readonly placeholder: string | null
  readonly disabled: boolean
  readonly isReplying: boolean
  /** Whether a message could be sent or kept for later. */
  readonly canSend: boolean
  readonly hint: string
  /** Where the model can think: whether it will. */
  readonly think: Thinking | undefined
  readonly onThink: (think: Thinking) => void
  readonly attachments: readonly Attachment[]
  readonly onAttach: (attachment: Attachment) => void
  readonly onFiles: (files: readonly File[]) => void
  readonly onRemove: (place: number) => void
  readonly onDraft: (draft: string) => void
  readonly onSubmit: () => void
  readonly onStop: () => void
}

/** The message box with its button. Enter sends, Shift+Enter breaks the line. */
export function composerView(view: ComposerView): TemplateResult {
  const { labels, draft, placeholder, disabled, isReplying, canSend, hint, think, onDraft, onSubmit, onStop } = view
  const { attachments, onAttach, onFiles, onRemove } = view
  const onInput = ({ target }: Event) => {
    const box = target as HTMLTextAreaElement
    grow(box)
    onDraft(box.value)
  }
  const onKey = (event: KeyboardEvent) => {
    const { selectionEnd } = event.target as HTMLTextAreaElement
    if (event.key === 'Backspace' && selectionEnd === 0 && attachments.length > 0) onRemove(attachments.length - 1)
    // 229: Safari ends a composition before the key that ended it.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return
    event.preventDefault()
    onSubmit()
  }
  const onPaste = (event: ClipboardEvent) => {
    const { files } = event.clipboardData as DataTransfer
    const pasted = (event.clipboardData as DataTransfer).getData('text/plain')
    if (files.length > 0 && pasted === '') onFiles([...files])
    else if (pasted.length >= LONG_PASTE) onAttach({ text: pasted })
    else return
    event.preventDefault()
  }
  const onDrag = (event: DragEvent) => {
    const { items, files } = event.dataTransfer as DataTransfer
    if (disabled || items.length === 0 || ![...items].every(isTextFile)) return
    event.preventDefault() // also says to the page that it is taken
    if (event.type === 'drop') onFiles([...files])
  }
  return html`<div class="composer" part="composer" @dragover=${onDrag} @drop=${onDrag}>
    <p class="hint" part="hint" id="hint" aria-live="polite">${hint}</p>
    ${chipsView(labels, attachments, onRemove)}
    <div class="box" part="box">
      ${attachView(view)}
      <textarea
        part="input"
        rows="1"
        enterkeyhint="send"
        autocomplete="off"
        aria-label=${labels.message}
        aria-describedby="hint"
        placeholder=${placeholder ?? labels.placeholder}
        ?disabled=${disabled}
        .value=${draft}
        @input=${onInput}
        @keydown=${onKey}
        @paste=${onPaste}
      ></textarea>
      ${think === undefined ? nothing : thinkView(think, view)}
      ${
        isReplying
          ? html`<button class="stop" part="stop-button" type="button" @click=${onStop}>${labels.stop}</button>`
          : html`<button class="primary" part="send-button" type="button" ?disabled=${!canSend} @click=${onSubmit}>${labels.send}</button>`
      }
    </div>
  </div>`
}

const isTextFile = ({ kind, type }: DataTransferItem) =>
  kind === 'file' && (type.startsWith('text/') || type === 'application/json')

/** A button that opens the browser's choice of files. */
function attachView({ labels, disabled, onFiles }: ComposerView): TemplateResult {
  const onClick = ({ currentTarget }: Event) =>
    ((currentTarget as HTMLElement).nextElementSibling as HTMLElement).click()
  const onChange = ({ target }: Event) => {
    const input = target as HTMLInputElement
    onFiles([...(input.files ?? [])])
    input.value = '' // the same files may be chosen again
  }
  return html`<button class="plain attach" part="attach-button" type="button" aria-label=${labels.attach} title=${labels.attach} ?disabled=${disabled} @click=${onClick}>+</button
    ><input type="file" multiple hidden @change=${onChange}>`
}

function thinkView(think: Thinking, { onThink, labels }: ComposerView): TemplateResult {
  const choices: readonly (readonly [Thinking, string])[] = [
    [false, labels.thinkOptions.no],
    [true, labels.thinkOptions.yes],
    ['a bit', labels.thinkOptions['a bit']],
    ['a lot', labels.thinkOptions['a lot']],
  ]
  const onChange = ({ target }: Event) => onThink(choices[(target as HTMLSelectElement).selectedIndex]?.[0] ?? false)
  return html`<select part="think" aria-label=${labels.think} @change=${onChange}>
    ${choices.map(([choice, words]) => html`<option ?selected=${choice === think}>${words}</option>`)}
  </select>`
}

/** As high as its text, where CSS cannot do it (field-sizing). */
export function grow(box: HTMLTextAreaElement): void {
  if (CSS.supports('field-sizing', 'content')) return
  box.style.height = 'auto'
  box.style.height = `${box.scrollHeight}px`
}
