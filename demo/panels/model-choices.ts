/** @file The models of one place, to choose from: none is opened that nobody chose. */

import { isRwkvError, type ModelChoice } from '../../src/index.ts'
import { formatBytes, text } from '../text.ts'
import { button, element } from './dom.ts'

/** A list of them, if that is why `error` was thrown. */
export function createModelChoices(
  error: unknown,
  onChoose: (choice: ModelChoice, all: readonly ModelChoice[]) => void,
): HTMLElement | undefined {
  if (!isRwkvError(error) || !error.choices) return undefined
  const { choices } = error
  const entries = choices.map((choice) =>
    element(
      'li',
      {},
      button(text.choice(choice.name, formatBytes(choice.byteLength)), () => onChoose(choice, choices), {
        class: 'small',
      }),
    ),
  )
  return element('ul', { class: 'model-choices', 'aria-label': text.choices }, ...entries)
}
