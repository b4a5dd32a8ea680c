/** @file What every view of the page is given, and what it gives. */

import type { RwkvChatElement } from '../src/element/types.ts'
import type { Keeper } from './conversations/keeper.ts'
import type { Notices } from './panels/notices.ts'
import type { KeptSettings } from './settings.ts'
import type { StartStates } from './start-states.ts'

/** The page around a view. */
export interface App {
  /** The chat, whichever view is shown. It has the model. */
  readonly chat: RwkvChatElement
  readonly notices: Notices
  readonly settings: KeptSettings
  /** Undefined while the conversations are being opened, and where the browser keeps nothing. */
  readonly keeper: () => Keeper | undefined
  /** Tuned start states, of whichever model. */
  readonly startStates: {
    readonly kept: StartStates
    /** The model in the chat, as they know it. */
    readonly model: () => string
    /** Let new conversations begin with the one that is chosen. */
    readonly use: () => Promise<void>
  }
  /** Open a model from files of the reader's. */
  readonly openFiles: (files: readonly File[]) => Promise<void>
}

/** One view. It is made when it is first asked for, and stays: leaving it keeps what is in it. */
export interface View {
  readonly element: HTMLElement
  /** It comes into sight, also when only `path` has changed: what follows the view's name in the address. */
  show?(path: string): void
  /** It goes out of sight: nothing of it may go on that costs time. */
  hide?(): void
}
