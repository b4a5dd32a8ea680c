/** @file What the page says when something cannot be kept: one notice for all that writes, until all of it is written. */

import { isFull } from '../conversations/store.ts'
import { tell, text } from '../text.ts'
import type { Notices } from './notices.ts'

/** What someone who writes tells. */
export interface Writer {
  /** A write was refused. */
  onTrouble(error: unknown): void
  /** All that was refused is written. */
  onWell(): void
}

/** Makes writers. `onDownload`: the reader wants the conversation as a file. */
export function createNotKept(notices: Pick<Notices, 'show'>, onDownload: () => void): () => Writer {
  const troubled = new Set<Writer>()
  let takeBack = () => {}
  return () => {
    const writer: Writer = {
      onTrouble(error) {
        troubled.add(writer)
        const sentence = text.notKept(isFull(error), tell(error))
        const shown = notices.show(sentence, { label: text.download, run: onDownload })
        if (shown !== takeBack) takeBack() // another reason
        takeBack = shown
      },
      onWell() {
        troubled.delete(writer)
        if (troubled.size === 0) takeBack()
      },
    }
    return writer
  }
}
