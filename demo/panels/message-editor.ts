/** @file A message of the reader's as a field, in its place in the conversation. */

import type { Attachment } from '../../src/element/types.ts'
import { labels, text } from '../text.ts'
import { button, element } from './dom.ts'
import './message-editor.css'

/** What `createMessageEditor` takes. */
export interface MessageEditorOptions {
  /** Of the message, in the conversation. */
  readonly place: number
  readonly words: string
  /** What came with them, and stays. */
  readonly attachments: readonly Attachment[]
  /** Enter, or the button: something is left of the message. The editor has gone. */
  readonly onSend: (words: string) => void
  /** It has gone, whichever way. */
  readonly onEnd: () => void
}

/** To be put into the chat. It removes itself. */
export function createMessageEditor({
  place,
  words: said,
  attachments,
  onSend,
  onEnd,
}: MessageEditorOptions): HTMLFormElement {
  const field = element('textarea', { 'aria-label': text.editedMessage, rows: '1' })
  field.value = said
  const isEmpty = () => field.value.trim() === '' && attachments.length === 0
  const end = () => {
    form.remove()
    onEnd()
  }
  const send = element('button', { class: 'primary' }, text.sendEdited)
  const form = element(
    'form',
    { class: 'message-editor', slot: `message-${place}` },
    ...(attachments.length > 0 ? [element('p', { class: 'quiet' }, namesOf(attachments))] : []),
    field,
    element('div', {}, button(text.cancel, end), send),
  )
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const words = field.value.trim()
    if (isEmpty()) return
    end()
    onSend(words)
  })
  field.addEventListener('input', () => {
    send.disabled = isEmpty()
  })
  field.addEventListener('keydown', (event) => {
    const { key, shiftKey, isComposing, keyCode } = event
    if (isComposing || keyCode === 229) return // Safari ends a composition before the key that ended it
    if (key === 'Enter' && !shiftKey) form.requestSubmit()
    else if (key === 'Escape') end()
    else return
    event.preventDefault()
    event.stopPropagation()
  })
  return form
}

/** Such as "notes.txt · Pasted text". */
const namesOf = (attachments: readonly Attachment[]) => attachments.map(({ name = labels.pasted }) => name).join(' · ')
