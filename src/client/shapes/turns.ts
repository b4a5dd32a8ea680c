/**
 * @file From a conversation as a list of messages, which is how other APIs say it, to a session that has read it. What the
 * session has read before, in whatever session, is not read again: messages go through as they did then.
 */

import type { Model, PromptFormat, SamplingOptions, Session, ToolFormat } from '../../core/protocol.ts'
import { formatReply, formatUser, normalizeMessage } from '../../text/prompt-format.ts'

/** A message in words. */
export interface Turn {
  readonly role: 'system' | 'user' | 'assistant' | 'tool'
  readonly text: string
}

/** What `openSession` takes. */
export interface Opening {
  readonly turns: readonly Turn[]
  /** For every reply of the session. */
  readonly sampling: Partial<SamplingOptions>
  /** Tools to tell the model of, in its format. */
  readonly tools?: { readonly format: ToolFormat; readonly offered: readonly object[] } | undefined
  /** What the reply begins with, if anything. */
  readonly prefix?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * A session that has read `turns` and may answer with `respond()`. The first system messages open it, joined by line
 * breaks. Disposed by the caller.
 */
export async function openSession(model: Model, opening: Opening): Promise<Session> {
  const { turns, sampling, tools, prefix, signal } = opening
  const begin = turns.findIndex(({ role }) => role !== 'system')
  const first = begin < 0 ? turns.length : begin
  const system = joined(turns.slice(0, first))
  const session = await model.createSession({ sampling, ...(system !== '' && { system }) })
  try {
    const { promptFormat } = model.info
    const texts = readingsOf(promptFormat, turns.slice(first))
    if (tools) texts.unshift(plain(presentTools(tools.format, tools.offered)))
    if (prefix) texts.push(plain(formatReply(promptFormat, prefix)))
    await readAll(session, texts, signal)
    return session
  } catch (error) {
    await session.dispose()
    throw error
  }
}

/** A text and how a session reads it. */
export interface Reading {
  readonly role: 'user' | 'assistant' | 'text'
  readonly text: string
}

/** Read all of it, in order. */
export async function readAll(session: Session, readings: readonly Reading[], signal?: AbortSignal): Promise<void> {
  for (const { role, text } of readings) await session.append(text, { role, ...(signal && { signal }) })
}

/**
 * How a session reads messages, up to where the reply begins. What stands between two replies is one message to the model:
 * results of tools and system texts come first, then what the user said, joined by line breaks.
 */
export function readingsOf(format: PromptFormat, turns: readonly Turn[]): Reading[] {
  const readings: Reading[] = []
  let asked: Turn[] = []
  const ask = () => {
    const said = joined(asked.filter(({ role }) => role === 'user'))
    const around = asked.filter(({ role }) => role !== 'user').map((turn) => aside(format, turn))
    const isMessage = asked.some(({ role }) => role === 'user')
    if (around.length === 0 && isMessage) readings.push({ role: 'user', text: said })
    else readings.push(plain(around.join('') + (isMessage ? formatUser(format, said) : format.assistant)))
    asked = []
  }
  for (const turn of turns) {
    if (turn.role !== 'assistant') {
      asked.push(turn)
      continue
    }
    ask() // also where nothing was asked: a reply stands behind the format's own words
    readings.push({ role: 'assistant', text: turn.text })
  }
  ask()
  return readings
}

/** A text that is neither the user's nor a reply, as it stands in front of a message. */
function aside({ end, tools }: PromptFormat, { role, text }: Turn): string {
  return role === 'tool' && tools ? tools.result.replaceAll('{text}', () => text) : normalizeMessage(text) + end
}

function presentTools({ present }: ToolFormat, offered: readonly object[]): string {
  return present.replaceAll('{tools}', () => offered.map((tool) => JSON.stringify(tool)).join('\n'))
}

const joined = (turns: readonly Turn[]) => turns.map(({ text }) => text).join('\n')

const plain = (text: string): Reading => ({ role: 'text', text })
