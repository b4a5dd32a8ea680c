/**
 * @file `<rwkv-chat>` in the JSX of Solid: properties by their names, events as `on:statechange`.
 *
 * @module rwkv.js/solid
 */

import type { JSX } from 'solid-js'
import type { RwkvChatListeners, RwkvChatProperties } from '../element/props.ts'
import type { RwkvChatElement } from '../element/types.ts'

export * from '../element/index.ts'

declare module 'solid-js' {
  namespace JSX {
    interface IntrinsicElements {
      'rwkv-chat': Omit<JSX.HTMLAttributes<RwkvChatElement>, keyof RwkvChatListeners<'on:'>> &
        RwkvChatProperties &
        RwkvChatListeners<'on:'>
    }
  }
}
