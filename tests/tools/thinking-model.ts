/** @file A stand-in that is spoken to as G1 is, and says a reply by heart. */

import type { PromptFormat } from '../../src/core/protocol.ts'
import { families } from '../../src/rwkv/v7/families.ts'
import { standInModel } from './stand-in-model.ts'

const promptFormat = families[0]?.promptFormat as PromptFormat

/** A model of this format that has a reply by heart; `contexts` are the texts in front of each. */
export function modelThat(reply: string) {
  const contexts = new Set<string>()
  const says = (text: string): string => {
    const start = text.lastIndexOf('Assistant:')
    if (start < 0) return ''
    const [, opening = ''] = /^Assistant:( <think><\/think| <think)/.exec(text.slice(start)) ?? []
    const context = text.slice(0, start + 'Assistant:'.length + opening.length)
    const said = text.slice(context.length)
    if (!reply.startsWith(said)) return ''
    if (said !== '') contexts.add(context)
    return reply.slice(said.length)
  }
  return Object.assign(standInModel({ promptFormat, says }), { contexts })
}
