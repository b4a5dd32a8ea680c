/** @file What `<rwkv-chat>` takes as a component of a framework: its properties, and a function for each event. */

import type { RwkvChatElement, RwkvChatEventMap } from './types.ts'

/** Properties that a page sets. */
export type RwkvChatProperties = Partial<
  Pick<
    RwkvChatElement,
    | (
        | 'src'
        | 'files'
        | 'weights'
        | 'device'
        | 'safe'
        | 'system'
        | 'promptFormat'
        | 'initialState'
        | 'think'
        | 'placeholder'
      )
    | ('loading' | 'disabled' | 'name' | 'sampling' | 'messageActions' | 'draft' | 'attachments')
    | ('plain' | 'renderReply' | 'highlightCode' | 'labels')
    | ('temperature' | 'topP' | 'topK' | 'minP' | 'presencePenalty' | 'frequencyPenalty' | 'penaltyDecay')
    | ('minTokens' | 'maxTokens' | 'seed')
  >
>

/** A function for each event, under its name behind `Prefix`: as `onstatechange`. */
export type RwkvChatListeners<Prefix extends string> = {
  [Name in keyof RwkvChatEventMap as `${Prefix}${Name}`]?: (event: RwkvChatEventMap[Name]) => void
}

/** The same as `onStatechange`. */
export type RwkvChatCapitalListeners = {
  [Name in keyof RwkvChatEventMap as `on${Capitalize<Name>}`]?: (event: RwkvChatEventMap[Name]) => void
}
