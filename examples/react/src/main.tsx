import { useState } from 'react'
import { createRoot } from 'react-dom/client'
import type { ReplySummary } from 'rwkv.js/react'
import 'rwkv.js/react'

function Chat() {
  const [last, setLast] = useState<ReplySummary>()
  return (
    <>
      <rwkv-chat
        src="/model/"
        loading="eager"
        maxTokens={400}
        onmessage={({ detail }) => detail.summary && setLast(detail.summary)}
      />
      <p>{last ? `The last reply took ${last.ids.length} tokens.` : 'Nothing has been said.'}</p>
    </>
  )
}

createRoot(document.getElementById('root') as HTMLElement).render(<Chat />)
