/** @file Where nobody says how a model was taught to chat: what was guessed, and another format in its place. */

import { element } from '../panels/dom.ts'
import type { FormatName } from '../settings.ts'
import { text } from '../text.ts'

/** What `createFormatChoice` takes. */
export interface FormatChoiceOptions {
  /** Undefined: as it was guessed. */
  readonly chosen: FormatName | undefined
  readonly onChoose: (name: FormatName | undefined) => void
}

/** A field, to stand in a notice. */
export function createFormatChoice({ chosen, onChoose }: FormatChoiceOptions): HTMLElement {
  const names = Object.entries(text.guess.formats) as ['guess' | FormatName, string][]
  const field = element(
    'select',
    { 'aria-label': text.guess.format },
    ...names.map(([name, words]) => element('option', { value: name, selected: name === (chosen ?? 'guess') }, words)),
  )
  field.addEventListener('change', () => onChoose(field.value === 'guess' ? undefined : (field.value as FormatName)))
  return field
}
