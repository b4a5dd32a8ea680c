/**
 * @file From a conversation as a list of messages, which is how other APIs say it, to a session that has read it. What the
 * session has read before, in whatever session, is not read again: messages go through as they did then.
 */

import type { Model, PromptFormat, SamplingOptions, Session, Thinking, ToolFormat } from '../../core/protocol.ts'
import { formatMessage, formatReply, formatSystem, formatUser, normalizeMessage } from '../../text/prompt-format.ts'
import { type OfferedTool, presentTools } from './present-tools.ts'

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
  /** Whether the model thinks before it answers; said with each message. */
  readonly think?: Thinking
  /** Tools to tell the model of, in its format. */
  readonly tools?: { readonly format: ToolFormat; readonly offered: readonly OfferedTool[] } | undefined
  /** What the reply begins with, if anything. */
  readonly prefix?: string | undefined
  /** False: more is to be read before a reply. Default true. */
  readonly leadsOn?: boolean
  readonly signal?: AbortSignal | undefined
}

/**
 * A session that has read `turns` and may answer with `respond()`. The first system messages open it. Disposed by the
 * caller.
 */
export async function openSession(model: Model, opening: Opening): Promise<Session> {
  const { turns, sampling, think = false, tools, prefix, leadsOn = true, signal } = opening
  const { system, rest } = splitSystem(turns)
  const session = await model.createSession({ sampling, think, ...(system !== '' && { system }) })
  try {
    const { promptFormat } = model.info
    const texts = readingsOf(promptFormat, rest, leadsOn)
    if (tools) texts.unshift(plain(presentTools(tools.format, tools.offered)))
    if (prefix) texts.push(plain(formatReply(promptFormat, prefix)))
    await readAll(session, texts, signal)
    return session
  } catch (error) {
    await session.dispose()
    throw error
  }
}

/** The first system messages, joined by line breaks, and the rest. */
export function splitSystem(turns: readonly Turn[]): { readonly system: string; readonly rest: readonly Turn[] } {
  const found = turns.findIndex(({ role }) => role !== 'system')
  const first = found < 0 ? turns.length : found
  const texts = turns.slice(0, first).map(({ text }) => text)
  return { system: texts.join('\n'), rest: turns.slice(first) }
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

/** Ids that `readings` come to, as far as their texts tell: a reply that the model gave may have been others. */
export async function countIds({ encode, info }: Model, readings: readonly Reading[]): Promise<number> {
  const { promptFormat } = info
  const wordsIn = ({ role, text }: Reading) => {
    if (role === 'user') return formatUser(promptFormat, text)
    return role === 'text' ? text : formatReply(promptFormat, text) + promptFormat.end
  }
  const ids = await Promise.all(readings.map((reading) => encode(wordsIn(reading), { special: false })))
  return ids.reduce((sum, { length }) => sum + length, 0)
}

/**
 * How a session reads messages. What stands between two replies is read as one text, in the words of the prompt format.
 * @param leadsOn whether the reply follows: the last text then ends with what a reply stands behind
 */
export function readingsOf(format: PromptFormat, turns: readonly Turn[], leadsOn: boolean): Reading[] {
  const readings: Reading[] = []
  let asked: Turn[] = []
  const ask = () => {
    const [only, ...more] = asked
    if (only?.role === 'user' && more.length === 0) readings.push({ role: 'user', text: only.text })
    else readings.push(plain(asked.map((turn) => wordsOf(format, turn)).join('') + format.assistant))
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
  if (leadsOn) ask()
  else readings.push(...asked.map((turn) => plain(wordsOf(format, turn))))
  return readings
}

/** A text that is no reply, as it stands in a conversation. */
function wordsOf(format: PromptFormat, { role, text }: Turn): string {
  if (role === 'user') return formatMessage(format, text)
  const { tools } = format
  if (role === 'tool' && tools) return tools.result.replaceAll('{text}', () => normalizeMessage(text))
  return formatSystem(format, text)
}

const plain = (text: string): Reading => ({ role: 'text', text })
