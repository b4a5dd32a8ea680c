/** @file The start state of the model in the chat: its own, or one of the tuned ones that the reader has given. */

import type { App } from '../../app.ts'
import { button, element } from '../../panels/dom.ts'
import { tell } from '../../text.ts'
import { text } from './text.ts'

/** The card. */
export interface StartStateCard {
  readonly element: HTMLElement
  /** What is kept, for the model that is in the chat now. */
  refresh(): Promise<void>
}

/** A card that is hidden as long as the chat has no model that can be tuned so. */
export function createStartStateCard({ chat, notices, startStates }: App): StartStateCard {
  const select = element('select', {})
  const files = element('input', { type: 'file', id: 'start-state', class: 'visually-hidden' })
  const remove = button(text.remove, () => void act(() => startStates.kept.remove(select.value)), { class: 'small' })

  /** Change something, and let the next conversation have it. */
  async function act(change: () => Promise<unknown>): Promise<void> {
    try {
      await change()
      await startStates.use()
    } catch (error) {
      notices.show(tell(error))
    }
    await refresh()
  }

  async function refresh(): Promise<void> {
    card.hidden = chat.info?.config.headSize === undefined
    const states = await startStates.kept.list(startStates.model())
    select.replaceChildren(
      element('option', { value: '' }, text.ownState),
      ...states.map(({ id, name, isChosen }) => element('option', { value: id, selected: isChosen }, name)),
    )
    remove.hidden = select.value === ''
  }

  select.addEventListener('change', () => void act(() => startStates.kept.choose(startStates.model(), select.value)))
  files.addEventListener('change', () => {
    const [file] = files.files ?? []
    files.value = ''
    if (file) void act(() => startStates.kept.add(startStates.model(), file))
  })
  const card = element(
    'section',
    { class: 'card', hidden: true },
    element('h3', {}, text.startState),
    element('p', { class: 'quiet' }, text.startStateAbout),
    element('label', { class: 'field wide' }, text.beginWith, select),
    element(
      'div',
      { class: 'row files' },
      files,
      element('label', { for: 'start-state', class: 'button' }, text.addState),
      remove,
    ),
  )
  return { element: card, refresh }
}
