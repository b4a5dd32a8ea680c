import type { RwkvChatElement } from 'rwkv.js/solid'
import 'rwkv.js/solid'

export function App() {
  let chat: RwkvChatElement | undefined
  return (
    <rwkv-chat
      ref={chat}
      src="/models/mine/"
      class="chat"
      maxTokens={8}
      sampling={{ stop: ['.'] }}
      on:statechange={({ detail }) => console.log(detail.state satisfies string)}
    />
  )
}

// @ts-expect-error an address is a text
export const number = <rwkv-chat src={5} />
// @ts-expect-error a slip of the pen
export const unknown = <rwkv-chat maxToken={5} />
// @ts-expect-error this event carries another detail
export const event = <rwkv-chat on:token={({ detail }) => console.log(detail.state)} />
