/**
 * @file `<rwkv-chat>` in the templates of Vue: properties by their names, events as `@statechange`.
 *
 * @module rwkv.js/vue
 */

import type { DefineComponent } from 'vue'
import type { RwkvChatCapitalListeners, RwkvChatProperties } from '../element/props.ts'

export * from '../element/index.ts'

declare module 'vue' {
  interface GlobalComponents {
    'rwkv-chat': DefineComponent<RwkvChatProperties & RwkvChatCapitalListeners>
  }
}
