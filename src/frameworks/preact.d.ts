/**
 * @file `<rwkv-chat>` in the JSX of Preact: properties by their names, events as `onstatechange`.
 *
 * @module rwkv.js/preact
 */

import type { HTMLAttributes } from 'preact'
import type { RwkvChatListeners, RwkvChatProperties } from '../element/props.ts'
import type { RwkvChatElement } from '../element/types.ts'

export * from '../element/index.ts'

declare module 'preact' {
  namespace JSX {
    interface IntrinsicElements {
      'rwkv-chat': Omit<HTMLAttributes<RwkvChatElement>, keyof RwkvChatProperties | 'onprogress' | 'onerror'> &
        RwkvChatProperties &
        RwkvChatListeners<'on'>
    }
  }
}
