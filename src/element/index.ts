/**
 * @file The entry of `rwkv.js/element`: importing it defines `<rwkv-chat>`. Where there is no DOM, as on a server, it
 * does nothing.
 *
 * @module rwkv.js/element
 */

import { RwkvChat as Implementation } from './rwkv-chat.ts'
import type { RwkvChatConstructor } from './types.ts'

export type { ErrorCode } from '../core/errors.ts'
export type * from '../core/protocol.ts'
export type { RwkvChatLabels } from './labels/labels.ts'
export type * from './props.ts'
export type * from './types.ts'

/** The class of `<rwkv-chat>`, already defined. */
export const RwkvChat: RwkvChatConstructor = Implementation

if (globalThis.customElements && !customElements.get('rwkv-chat')) customElements.define('rwkv-chat', Implementation)
