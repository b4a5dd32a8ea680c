/** @file What is attached to a message: as chips while it is written, folded where it was sent. */

import { html, nothing, type TemplateResult } from 'lit'
import type { RwkvChatLabels } from './labels/labels.ts'
import { formatLength } from './text.ts'
import type { Attachment } from './types.ts'

/** The chips of the composer. Each has a button that removes it; on it Delete and Backspace do so too. */
export function chipsView(
  labels: RwkvChatLabels,
  attachments: readonly Attachment[],
  onRemove: (place: number) => void,
): TemplateResult | typeof nothing {
  if (attachments.length === 0) return nothing
  const chip = (attachment: Attachment, place: number) => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Delete' && event.key !== 'Backspace') return
      event.preventDefault()
      onRemove(place)
    }
    return html`<li class="chip">
      ${nameView(labels, attachment)}<button
        class="plain"
        part="remove-button"
        type="button"
        aria-label=${labels.remove(attachment.name ?? labels.pasted)}
        @click=${() => onRemove(place)}
        @keydown=${onKey}
      >×</button>
    </li>`
  }
  return html`<ul class="chips" part="attachments" aria-label=${labels.attachments}>${attachments.map(chip)}</ul>`
}

/** What was sent with a message, each folded until the reader opens it. */
export function attachedView(labels: RwkvChatLabels, attachments: readonly Attachment[]): TemplateResult[] {
  return attachments.map(
    (attachment) =>
      html`<details class="attached" part="attachment"><summary>${nameView(labels, attachment)}</summary><p class="text">${attachment.text}</p></details>`,
  )
}

function nameView(labels: RwkvChatLabels, { name, text }: Attachment): TemplateResult {
  return html`<span class="of">${name ?? labels.pasted}</span> <span class="quiet">${formatLength(text.length, labels)}</span>`
}
