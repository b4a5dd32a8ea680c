/** @file What can be done with a message besides copying it: edit it, see its versions, go another way, compare answers. */

import { withoutAttachments } from '../src/element/attachments.ts'
import type { MessageAction, RwkvChatElement } from '../src/element/types.ts'
import type { Versions } from './conversations/branches.ts'
import { icons } from './panels/icons.ts'
import type { Notices } from './panels/notices.ts'
import { tell, text } from './text.ts'

/** What `createMessageActions` takes. */
export interface MessageActionsOptions {
  readonly chat: RwkvChatElement
  readonly notices: Notices
  readonly versionsOf: (place: number) => Versions | undefined
  readonly onVersion: (branch: string) => void
  /** Say the `place`-th message in other words. */
  readonly onEdit: (place: number, words: string) => void
  /** Be again where the conversation was before it went back. */
  readonly onGoBack: () => void
}

/** The actions. */
export interface MessageActions {
  /** Other versions may be there. */
  refresh(): void
  /** The conversation has gone on, or another one is shown. */
  settle(): void
  /** Edit the last message of the reader's, if there is one. */
  editLast(): void
}

/** Give `chat` its actions. */
export function createMessageActions(options: MessageActionsOptions): MessageActions {
  const { chat, notices, versionsOf, onVersion, onEdit, onGoBack } = options
  let endFork: (() => void) | undefined // takes back what says that the conversation has gone back
  let editor: HTMLElement | undefined

  const fail = (error: unknown) => notices.show(tell(error))
  const goBack = () => {
    settle()
    onGoBack()
  }

  async function branchAt(messages: number): Promise<void> {
    await chat.rewind(messages)
    endFork = notices.show(text.forking, { label: text.goBack, run: goBack })
    chat.focus()
  }

  /** In its place; what was said stays until other words are sent. */
  async function edit(place: number): Promise<void> {
    const { createMessageEditor } = await import('./panels/message-editor.ts')
    editor?.remove()
    const message = chat.messages[place]
    if (!message) return
    editor = createMessageEditor({
      place,
      ...withoutAttachments(message),
      onSend: (words) => onEdit(place, words),
      onEnd: () => chat.focus(),
    })
    chat.append(editor)
    const field = editor.querySelector('textarea')
    field?.focus()
    field?.setSelectionRange(field.value.length, field.value.length)
  }

  function versionActions(place: number): readonly MessageAction[] {
    const { branches, shown } = versionsOf(place) ?? {}
    if (!branches || shown === undefined) return []
    const to = (label: string, icon: string, branch: string | undefined) => ({
      label,
      icon,
      ...(branch !== undefined && { run: () => onVersion(branch) }),
    })
    return [
      to(text.previousVersion, icons.previous, branches[shown - 1]),
      { label: text.version(shown + 1, branches.length) },
      to(text.nextVersion, icons.next, branches[shown + 1]),
    ]
  }

  const replyActions = (place: number): readonly MessageAction[] => [
    { label: text.branchFromHere, icon: icons.branch, run: () => void branchAt(place + 1).catch(fail) },
    {
      label: text.compare,
      icon: icons.compare,
      run: () => {
        location.hash = `#compare/${place}`
      },
    },
  ]

  /** Another function each time, so that the chat asks again. */
  function refresh(): void {
    chat.messageActions = (place) => [
      ...versionActions(place),
      ...(chat.messages[place]?.role === 'user'
        ? [{ label: text.edit, icon: icons.edit, run: () => void edit(place).catch(fail) }]
        : replyActions(place)),
    ]
  }

  function settle(): void {
    endFork?.()
    endFork = undefined
    editor?.remove()
    editor = undefined
  }

  chat.addEventListener('keydown', (event) => {
    if ((event as KeyboardEvent).key !== 'Escape' || event.defaultPrevented || !endFork) return
    event.preventDefault()
    goBack()
  })
  chat.addEventListener('message', settle)
  refresh()
  return {
    refresh,
    settle,
    editLast() {
      const place = chat.messages.findLastIndex(({ role }) => role === 'user')
      if (place >= 0 && chat.state === 'ready') void edit(place).catch(fail)
    },
  }
}
