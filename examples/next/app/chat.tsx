'use client'

import 'rwkv.js/react'

export function Chat() {
  return <rwkv-chat src="/model/" loading="eager" maxTokens={200} />
}
