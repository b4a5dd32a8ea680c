/**
 * @file Where messages are written. Enter sends, Shift+Enter breaks the line, Escape stops the reply. A message sent
 * before it can be answered stays in the box and goes as soon as it can; changing it takes that back.
 */

import { text } from '../text.ts'
import { button, element } from './dom.ts'

/** What can be done with a message now: answer it, keep it for later, or nothing. */
export type ComposerMode = 'ready' | 'loading' | 'replying' | 'off'

/** The message box with its buttons. */
export interface Composer {
  readonly element: HTMLElement
  setMode(mode: ComposerMode): void
  /** Send `message` as if it had been written. */
  send(message: string): void
  focus(): void
}

/** What `createComposer` needs. */
export interface ComposerOptions {
  readonly onMessage: (message: string) => void
  readonly onStop: () => void
}

const hasTouch = () => matchMedia('(pointer: coarse)').matches

/** An empty message box in mode `off`. */
export function createComposer({ onMessage, onStop }: ComposerOptions): Composer {
  let mode: ComposerMode = 'off'
  let queued = false

  const box = element('textarea', {
    id: 'message',
    rows: '1',
    placeholder: text.placeholder,
    enterkeyhint: 'send',
    autocomplete: 'off',
    'aria-describedby': 'message-hint',
  })
  const hint = element('p', { id: 'message-hint', class: 'hint', 'aria-live': 'polite' })
  const send = element('button', { type: 'submit', class: 'primary' }, text.send)
  const stop = button(text.stop, () => stopReply(), { class: 'stop', hidden: true })
  const label = element('label', { for: 'message', class: 'visually-hidden' }, text.message)
  const form = element('form', { class: 'composer' }, hint, element('div', { class: 'box' }, label, box, send, stop))

  const show = () => {
    stop.hidden = mode !== 'replying'
    send.hidden = mode === 'replying'
    send.disabled = mode === 'off' || box.value.trim() === ''
    hint.textContent = mode === 'off' && box.value !== '' ? text.noModel : hintOfQueue()
  }
  const hintOfQueue = () => {
    if (!queued) return ''
    return mode === 'replying' ? text.queuedForReply : text.queuedForModel
  }
  const submit = () => {
    const message = box.value.trim()
    queued = message !== '' && (mode === 'loading' || mode === 'replying')
    if (message === '' || mode !== 'ready') return show()
    box.value = ''
    grow(box)
    if (!hasTouch()) box.focus() // the Send button is about to go
    onMessage(message)
  }
  const stopReply = () => {
    if (mode !== 'replying') return
    onStop()
    if (!hasTouch()) box.focus()
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault()
    submit()
  })
  box.addEventListener('input', () => {
    queued = false
    grow(box)
    show()
  })
  box.addEventListener('keydown', (event) => {
    // 229: Safari ends a composition before the key that ended it.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return
    event.preventDefault()
    submit()
  })
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !event.isComposing) stopReply()
  })
  show()

  return {
    element: form,
    setMode(next) {
      mode = next
      if (mode === 'off') queued = false
      show()
      if (mode === 'ready' && queued) submit()
    },
    send(message) {
      box.value = message
      grow(box)
      submit()
    },
    focus: () => box.focus(),
  }
}

/** As high as its text, where CSS cannot do it (field-sizing). */
function grow(box: HTMLTextAreaElement): void {
  if (CSS.supports('field-sizing', 'content')) return
  box.style.height = 'auto'
  box.style.height = `${box.scrollHeight}px`
}
