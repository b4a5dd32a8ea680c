/** @file A message of the reader's as a field, in its place in the conversation. */

import { text } from '../text.ts'
import { button, element } from './dom.ts'
import './message-editor.css'

/** What `createMessageEditor` takes. */
export interface MessageEditorOptions {
  /** Of the message, in the conversation. */
  readonly place: number
  readonly said: string
  /** Enter, or the button: the words are not empty. The editor has gone. */
  readonly onSend: (words: string) => void
  /** It has gone, whichever way. */
  readonly onEnd: () => void
}

/** To be put into the chat. It removes itself. */
export function createMessageEditor({ place, said, onSend, onEnd }: MessageEditorOptions): HTMLFormElement {
  const field = element('textarea', { 'aria-label': text.editedMessage, rows: '1' })
  field.value = said
  const end = () => {
    form.remove()
    onEnd()
  }
  const send = element('button', { class: 'primary' }, text.sendEdited)
  const form = element(
    'form',
    { class: 'message-editor', slot: `message-${place}` },
    field,
    element('div', {}, button(text.cancel, end), send),
  )
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const words = field.value.trim()
    if (words === '') return
    end()
    onSend(words)
  })
  field.addEventListener('input', () => {
    send.disabled = field.value.trim() === ''
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
