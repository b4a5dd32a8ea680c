/**
 * @file Sessions as bytes: a safetensors file whose tensors are states (`state`, and `mark.ID` for each mark) and whose
 * metadata is the rest. Any safetensors reader opens it.
 */

import { isRwkvError, RwkvError } from '../core/errors.ts'
import type { Message, ModelInfo, PromptFormat, SamplingOptions } from '../core/protocol.ts'
import { createByteSource } from '../file/byte-source.ts'
import { openSafetensors } from '../file/safetensors.ts'
import { writeSafetensors } from '../file/safetensors-write.ts'
import { decodeFloats } from '../file/tensor.ts'
import { isPromptFormat } from '../text/prompt-format.ts'
import type { Conversation } from './conversation.ts'

/** A session outside the GPU. */
export interface SavedSession {
  readonly conversation: Conversation
  readonly sampling: SamplingOptions
  readonly isPlain: boolean
  /** f32 (L, 5, C), rows attX ffnX aa bb pp. */
  readonly state: Float32Array<ArrayBuffer>
  readonly marks: readonly SavedMark[]
}

/** A mark of a saved session. */
export interface SavedMark {
  readonly id: number
  readonly automatic: boolean
  readonly conversation: Conversation
  readonly state: Float32Array<ArrayBuffer>
}

const FORMAT = 'rwkv.js session'
const VERSION = '1'

/** A conversation whose messages are named by their place in one list, since marks share them. */
type Written = Omit<Conversation, 'transcript' | 'seen' | 'reused'> & { readonly transcript: readonly number[] }

/** The bytes of a session of the model that `info` describes, with the prompt format that it has there. */
export function writeSession(
  { conversation, sampling, isPlain, state, marks }: SavedSession,
  info: ModelInfo,
): Uint8Array<ArrayBuffer> {
  const { L, C } = info.config
  const messages: Message[] = []
  const places = new Map<Message, number>()
  const written = ({ transcript, pending, tokens, replies }: Conversation): Written => ({
    pending,
    tokens,
    replies,
    transcript: transcript.map((message) => {
      const place = places.get(message) ?? messages.push(message) - 1
      places.set(message, place)
      return place
    }),
  })
  const now = written(conversation)
  const writtenMarks = marks.map(({ id, automatic, conversation }) => ({ id, automatic, ...written(conversation) }))
  return writeSafetensors(
    [
      { name: 'state', shape: [L, 5, C], values: state },
      ...marks.map(({ id, state }) => ({ name: `mark.${id}`, shape: [L, 5, C], values: state })),
    ],
    {
      format: FORMAT,
      version: VERSION,
      model: info.name,
      fingerprint: info.fingerprint,
      rows: 'attX ffnX aa bb pp',
      tokens: String(conversation.tokens),
      session: JSON.stringify({
        messages,
        now,
        marks: writtenMarks,
        sampling,
        isPlain,
        promptFormat: info.promptFormat,
      }),
    },
  )
}

/**
 * A session from its bytes.
 * @throws RwkvError `session/saved` if they are damaged, of a later version, or of another model.
 */
export async function readSession(
  bytes: Uint8Array,
  info: ModelInfo,
): Promise<SavedSession & { readonly promptFormat: PromptFormat }> {
  const refuse = (found: string, cause?: unknown) =>
    new RwkvError('session/saved', `These bytes are not a session that can continue here: ${found}.`, { cause })
  const copy = Uint8Array.from(bytes)
  const file = await openSafetensors(createByteSource('saved session', copy)).catch((cause: unknown) => {
    throw refuse(`${cause instanceof Error ? cause.message : String(cause)} Take a file made by session.save()`, cause)
  })
  const meta = (name: string) => file.metadata.get(name) ?? ''
  if (meta('format') !== FORMAT) throw refuse(`they are safetensors, but not of a session of rwkv.js`)
  if (meta('version') !== VERSION)
    throw refuse(`they are of version ${meta('version')}, this rwkv.js reads version ${VERSION}`)
  if (meta('fingerprint') !== info.fingerprint)
    throw refuse(`they belong to the model ${meta('model')}, loaded is ${info.name}, whose weights are others`)

  const { L, C } = info.config
  const stateOf = async (name: string) => {
    const tensor = file.tensors.get(name)
    if (tensor?.dtype !== 'F32' || tensor.shape.join() !== [L, 5, C].join())
      throw refuse(`the state ${name} is missing`)
    const values = decodeFloats(await file.read(tensor, 0, tensor.byteLength), 'F32')
    if (!values.every(Number.isFinite)) throw refuse(`the state ${name} holds values that are not finite`)
    return values
  }
  try {
    const {
      messages,
      now,
      marks,
      sampling,
      isPlain,
      promptFormat = info.promptFormat,
    } = JSON.parse(meta('session')) as {
      messages: Message[]
      now: Written
      marks: (Written & { id: number; automatic: boolean })[]
      sampling: SamplingOptions
      isPlain?: boolean
      promptFormat?: PromptFormat
    }
    if (!isPromptFormat(promptFormat)) throw new TypeError('a prompt format that is none')
    const conversationOf = ({ transcript, pending, tokens, replies }: Written): Conversation => ({
      transcript: transcript.map((place) => checkMessage(messages[place])),
      pending: checkIds(pending, info.config.V),
      tokens: checkCount(tokens),
      replies: checkCount(replies),
    })
    return {
      conversation: conversationOf(now),
      sampling,
      isPlain: isPlain === true,
      promptFormat,
      state: await stateOf('state'),
      marks: await Promise.all(
        marks.map(async ({ id, automatic, ...mark }) => ({
          id: checkCount(id),
          automatic: automatic === true,
          conversation: conversationOf(mark),
          state: await stateOf(`mark.${id}`),
        })),
      ),
    }
  } catch (error) {
    if (isRwkvError(error)) throw error
    throw refuse(`what they say of the session is damaged (${error instanceof Error ? error.message : error})`, error)
  }
}

function checkMessage(message: Message | undefined): Message {
  if (typeof message?.text !== 'string' || !Array.isArray(message.ids) || typeof message.before?.id !== 'number')
    throw new TypeError('a message without text, ids or mark')
  return message
}

function checkIds(ids: readonly number[], V: number): readonly number[] {
  if (!ids.every((id) => Number.isInteger(id) && id >= 0 && id < V)) throw new TypeError('ids outside the vocabulary')
  return ids
}

function checkCount(count: number): number {
  if (!Number.isSafeInteger(count) || count < 0) throw new TypeError('a count that is none')
  return count
}
