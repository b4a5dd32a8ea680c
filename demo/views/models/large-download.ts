/** @file A question before much is downloaded on a phone. */

import { openDialog } from '../../panels/dialog.ts'
import { button, element } from '../../panels/dom.ts'
import { formatBytes } from '../../text.ts'
import { MUCH_BYTES } from './fit.ts'
import { text } from './text.ts'

/** A small screen under a finger: most likely a phone. */
export const isPhone = (): boolean => matchMedia('(pointer: coarse) and (max-width: 48rem)').matches

/** Run `go`; on a phone, if so many bytes (undefined: nobody knows how many) are much, once its reader agrees. */
export function askIfLarge(name: string, byteLength: number | undefined, go: () => void): void {
  if (!isPhone() || (byteLength !== undefined && byteLength <= MUCH_BYTES)) {
    go()
    return
  }
  const yes = () => {
    dialog.close()
    go()
  }
  const dialog = openDialog(
    name,
    element('p', {}, byteLength === undefined ? text.unknownSize : text.muchToDownload(formatBytes(byteLength))),
    element(
      'div',
      { class: 'choices' },
      button(text.goOn, yes, { class: 'primary' }),
      button(text.cancel, () => dialog.close()),
    ),
  )
}
