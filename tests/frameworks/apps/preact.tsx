import { useRef } from 'preact/hooks'
import type { RwkvChatElement } from 'rwkv.js/preact'
import 'rwkv.js/preact'

export function App() {
  const chat = useRef<RwkvChatElement>(null)
  return (
    <rwkv-chat
      ref={chat}
      src="/models/mine/"
      class="chat"
      maxTokens={8}
      sampling={{ stop: ['.'] }}
      onstatechange={({ detail }) => console.log(detail.state satisfies string)}
    />
  )
}

// @ts-expect-error an address is a text
export const number = <rwkv-chat src={5} />
// @ts-expect-error a slip of the pen
export const unknown = <rwkv-chat maxToken={5} />
// @ts-expect-error this event carries another detail
export const event = <rwkv-chat ontoken={({ detail }) => console.log(detail.state)} />
