/** @file Opening a model from this device: a file input, and the whole window as a place to drop files. */

import { text } from '../text.ts'
import { element } from './dom.ts'

/** The labelled file input; `onFiles` hears of files from either way. */
export function createOpenFiles(onFiles: (files: readonly File[]) => void): HTMLElement {
  const input = element('input', { type: 'file', multiple: true, id: 'open-files', class: 'visually-hidden' })
  const take = (files: FileList | null | undefined) => {
    if (files && files.length > 0) onFiles([...files])
  }
  input.addEventListener('change', () => {
    take(input.files)
    input.value = '' // the same files may be chosen again
  })
  const hasFiles = ({ dataTransfer }: DragEvent) => dataTransfer?.types.includes('Files') === true
  window.addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return
    event.preventDefault()
    document.body.classList.add('dropping')
  })
  window.addEventListener('dragleave', ({ relatedTarget }) => {
    if (!relatedTarget) document.body.classList.remove('dropping')
  })
  window.addEventListener('drop', (event) => {
    document.body.classList.remove('dropping')
    if (!hasFiles(event) || event.defaultPrevented) return // the message box has taken them
    event.preventDefault()
    take(event.dataTransfer?.files)
  })
  return element('div', { class: 'open-files' }, input, element('label', { for: 'open-files' }, text.openFiles))
}
