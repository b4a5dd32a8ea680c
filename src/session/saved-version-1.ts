/** @file Sessions as version 1 wrote them. The version of today is in `saved-session.ts`. */

import type { Message } from '../core/protocol.ts'
import { type Conversation, type Said, type Seen, saidAfter, unknownSeen } from './conversation.ts'
import {
  checkCount,
  checkIds,
  checkMessage,
  distinct,
  type OpenedFile,
  type SavedSession,
  type SavedSettings,
  settingsOf,
  statesIn,
} from './saved-checks.ts'

/** What version 1 wrote: every moment with a list of its own of places in one list of messages, each state a tensor. */
interface Written1 extends SavedSettings {
  readonly messages: readonly Message[]
  readonly now: Written1Moment
  readonly marks: readonly (Written1Moment & { readonly id: number; readonly automatic: boolean })[]
}

interface Written1Moment {
  readonly transcript: readonly number[]
  readonly pending: readonly number[]
  readonly tokens: number
  readonly replies: number
}

/** @throws TypeError, SyntaxError, RwkvError `session/saved` */
export function readVersion1(opened: OpenedFile): SavedSession {
  const { file, info } = opened
  const written = JSON.parse(file.metadata.get('session') ?? '') as Written1
  const after = new Map<Said | undefined, Map<number, Said>>() // messages by what is before them and their place
  const sharedAfter = (before: Said | undefined, place: number): Said => {
    const known = after.get(before) ?? new Map<number, Said>()
    after.set(before, known)
    const message = known.get(place) ?? saidAfter(before, checkMessage(written.messages[place], info.config.V))
    known.set(place, message)
    return message
  }
  const states = new Map<Seen, Float32Array<ArrayBuffer>>()
  const momentOf = ({ transcript, pending, tokens, replies }: Written1Moment, state: string): Conversation => {
    const seen = unknownSeen(checkCount(tokens))
    states.set(seen, statesIn(opened, state))
    const said = transcript.reduce<Said | undefined>(sharedAfter, undefined)
    return { seen, said, pending: checkIds(pending, info.config.V), reused: 0, replies: checkCount(replies) }
  }
  const marks = written.marks.map(({ id, automatic, ...mark }) => ({
    id: checkCount(id),
    automatic: automatic === true,
    conversation: momentOf(mark, `mark.${id}`),
  }))
  const settings = settingsOf({ ...written, promptFormat: written.promptFormat ?? info.promptFormat })
  return { conversation: momentOf(written.now, 'state'), marks: distinct(marks), states, ...settings }
}
