/**
 * @file `<rwkv-chat>` in the JSX of React 19: properties by their names, events as `onstatechange`.
 *
 * @module rwkv.js/react
 */

import type { DetailedHTMLProps, HTMLAttributes } from 'react'
import type { RwkvChatListeners, RwkvChatProperties } from '../element/props.ts'
import type { RwkvChatElement } from '../element/types.ts'

export * from '../element/index.ts'

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'rwkv-chat': DetailedHTMLProps<HTMLAttributes<RwkvChatElement>, RwkvChatElement> &
        RwkvChatProperties &
        RwkvChatListeners<'on'>
    }
  }
}
