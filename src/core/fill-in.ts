/** @file What stands between two texts, made of a session: for engines, and for pages that ask in another API's shape. */

import { RwkvError } from './errors.ts'
import type { Model, ModelInfo, PromptFormat } from './protocol.ts'
import { createReply } from './reply.ts'
import { show } from './show.ts'

/** How a model is asked for what stands between two texts. */
export interface Gap {
  /** What it reads. */
  readonly text: string
  /** Of a conversation in which that is the only message: it stands as it is. */
  readonly promptFormat: PromptFormat
}

/** @throws RwkvError `option/invalid` if the model was not taught to, or a text has in it what keeps texts apart */
export function gapBetween({ name, promptFormat }: ModelInfo, prefix: string, suffix: string): Gap {
  const { fillIn } = promptFormat
  if (!fillIn)
    throw new RwkvError(
      'option/invalid',
      `${name} was not taught to fill gaps: its prompt format has no fillIn. Take a model whose name says G1c or later.`,
    )
  const { text, stop } = fillIn
  const texts = { prefix, suffix }
  for (const [what, given] of Object.entries(texts))
    if (given.includes(stop))
      throw new RwkvError(
        'option/invalid',
        `The ${what} has ${show(stop)} in it, by which the model keeps texts apart. Take it out.`,
      )
  return {
    text: text.replaceAll(/\{(prefix|suffix)\}/g, (_, slot: keyof typeof texts) => texts[slot]),
    promptFormat: { user: '{text}', assistant: '', end: '', stop: [stop] },
  }
}

/** `Model.fillIn`, over sessions of the model that `info` describes. */
export function createFillIn(info: ModelInfo, createSession: Model['createSession']): Model['fillIn'] {
  return (prefix, suffix, { signal, ...options } = {}) =>
    createReply(async (emit, ended) => {
      const { text, promptFormat } = gapBetween(info, prefix, suffix)
      const session = await createSession({ promptFormat })
      try {
        const reply = session.prompt(text, options)
        const pieces = reply[Symbol.asyncIterator]()
        const leave = () => void pieces.return?.()
        if (ended.aborted) leave()
        ended.addEventListener('abort', leave)
        for await (const piece of reply) emit(piece)
        return await reply.summary
      } finally {
        await session.dispose()
      }
    }, signal)
}
