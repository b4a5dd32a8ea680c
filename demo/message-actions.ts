/** @file What can be done with a message besides copying it: edit it, go another way from it, compare answers to it. */

import { describeError } from '../src/element/events.ts'
import type { MessageAction, RwkvChatElement } from '../src/element/types.ts'
import { button, element } from './panels/dom.ts'
import type { Notices } from './panels/notices.ts'
import { text } from './text.ts'

/** What `createMessageActions` takes. */
export interface MessageActionsOptions {
  readonly chat: RwkvChatElement
  readonly notices: Notices
  /** Be again where the conversation was before it went back. */
  readonly onGoBack: () => void
}

/** The actions, and the line that says that the conversation has gone back. */
export interface MessageActions {
  readonly element: HTMLElement
  /** The conversation has gone on, or another one is shown. */
  settle(): void
  /** Edit the last message of the reader's, if there is one. */
  editLast(): void
}

/** Give `chat` its actions. */
export function createMessageActions({ chat, notices, onGoBack }: MessageActionsOptions): MessageActions {
  const line = element('p', {}, text.forking)
  const bar = element('div', { class: 'forking', role: 'status' }, line, button(text.goBack, onGoBack))
  bar.hidden = true

  async function goTo(messages: number, draft?: string): Promise<void> {
    try {
      await chat.rewind(messages)
    } catch (error) {
      notices.show(describeError(error).message)
      return
    }
    if (draft !== undefined) chat.draft = draft
    bar.hidden = false
    chat.focus()
  }
  const edit = (place: number) => void goTo(place, chat.messages[place]?.text)

  chat.messageActions = (place): readonly MessageAction[] =>
    chat.messages[place]?.role === 'user'
      ? [{ label: text.edit, run: () => edit(place) }]
      : [
          { label: text.branchFromHere, run: () => void goTo(place + 1) },
          {
            label: text.compare,
            run: () => {
              location.hash = `#compare/${place}`
            },
          },
        ]
  chat.addEventListener('keydown', (event) => {
    if ((event as KeyboardEvent).key !== 'Escape' || event.defaultPrevented || bar.hidden) return
    event.preventDefault()
    onGoBack()
  })
  chat.addEventListener('message', () => {
    bar.hidden = true
  })
  return {
    element: bar,
    settle() {
      bar.hidden = true
    },
    editLast() {
      const place = chat.messages.findLastIndex(({ role }) => role === 'user')
      if (place >= 0 && chat.state === 'ready') edit(place)
    },
  }
}
