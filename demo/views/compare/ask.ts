/** @file Several answers to one question, each from a copy of one state of the conversation. */

import { RwkvError } from '../../../src/core/errors.ts'
import type { RwkvChatElement } from '../../../src/element/types.ts'
import type { Reply, SamplingOptions, Session } from '../../../src/index.ts'

/** What is asked, and where. */
export interface Question {
  /** Behind so many messages. */
  readonly messages: number
  readonly prompt: string
  /** One list entry a group of answers that are drawn alike. */
  readonly groups: readonly { readonly n: number; readonly sampling: Partial<SamplingOptions> }[]
  readonly signal: AbortSignal
}

/** The replies, in the order of the groups, being written together. The question is read once for all of them. */
export async function askMany(chat: RwkvChatElement, question: Question): Promise<readonly Reply[]> {
  const { prompt, groups, signal } = question
  const { model, session } = chat
  if (!model || !session)
    throw new RwkvError('session/disposed', 'There is no model to answer. Load it, then ask again.')
  const base = await baseAt(session, question.messages - chat.messages.length)
  try {
    await base.append(prompt, { role: 'user', signal })
    const made = groups.map(({ n, sampling }) => model.generateMany({ session: base, n }, { sampling, signal }))
    return (await Promise.all(made)).flat()
  } finally {
    await base.dispose()
  }
}

/** A copy of `session`, `-back` messages before its end. @throws RwkvError `session/unknown-mark` */
async function baseAt(session: Session, back: number): Promise<Session> {
  const before = back < 0 ? (await session.transcript()).at(back)?.before : undefined
  return before ? session.branch(before) : session.fork()
}
