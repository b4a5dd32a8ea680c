/**
 * @file A model without weights that can die: its sessions remember messages and nothing else, and each call is a step
 * after which its device may be lost. Whatever it is asked it answers with the number of the message.
 */

import { RwkvError } from '../../src/core/errors.ts'
import type { Mark, Message, Model, Reply, ReplySummary, SavedParts, Session } from '../../src/core/protocol.ts'
import { createReply } from '../../src/core/reply.ts'
import { writeSafetensors } from '../../src/file/safetensors-write.ts'

/** A model; `fingerprint` tells weights apart. */
export interface MortalModel {
  readonly model: Model
  /** Lose the device before the `steps`-th step from now; 1 is the next one. */
  dieIn(steps: number): void
  /** What its sessions were given to read, in order, replies not counted. */
  readonly readings: string[]
}

interface Remembered {
  readonly said: readonly Message[]
  readonly marks: readonly [number, readonly Message[]][]
}

let marked = 0 // also in saved sessions, which another model restores

/** A model that lives until it is told otherwise. */
export function mortalModel(fingerprint = 'weights'): MortalModel {
  let left = Number.POSITIVE_INFINITY
  const readings: string[] = []
  const unused = () => Promise.reject(new Error('not used'))

  async function step(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    left -= 1
    if (left <= 0) throw new RwkvError('gpu/lost', 'The GPU stopped.')
  }

  function sessionOf(start: Remembered): Session {
    let said = start.said
    const marks = new Map(start.marks)
    const mark = (): Mark => {
      marks.set(++marked, said)
      return { id: marked, tokens: 0, messages: said.length }
    }
    const message = (role: Message['role'], text: string): Message => ({ role, text, ids: [], before: mark() })

    function reply(question: string | undefined, sampling: { temperature?: number }, signal?: AbortSignal): Reply {
      if ((sampling.temperature ?? 0) < 0) throw new RwkvError('option/invalid', 'temperature is below 0.')
      return createReply(async (emit, ended) => {
        const before = said
        try {
          await step()
          if (question !== undefined) {
            said = [...said, message('user', question)]
            readings.push(question)
          }
          const place = mark()
          let text = ''
          for (const piece of [' It is', ` number ${said.length}`, '.']) {
            if (ended.aborted) break
            await step()
            text += piece
            emit(piece)
          }
          said = [...said, { role: 'assistant', text, ids: [], before: place }]
          const finishReason = ended.aborted ? 'abort' : 'stop'
          return { text, ids: [], finishReason, promptMs: 1, tokensPerSecond: 1 } as unknown as ReplySummary
        } catch (error) {
          said = before // a call that fails changes nothing
          throw error
        }
      }, signal)
    }

    return {
      prompt: (text, { sampling = {}, signal } = {}) => reply(text, sampling as object, signal),
      respond: ({ sampling = {}, signal } = {}) => reply(undefined, sampling as object, signal),
      async append(text, { role = 'text' } = {}) {
        await step()
        said = [...said, message(role, text)]
        readings.push(text)
      },
      async transcript() {
        await step()
        return said
      },
      async rewind({ id }) {
        await step()
        const found = marks.get(id)
        if (!found) throw new RwkvError('session/unknown-mark', 'There is no such mark.')
        said = found
      },
      async save({ marks: most = Number.POSITIVE_INFINITY, notes = '' } = {}) {
        await step()
        const latest = [...marks].slice(Math.max(0, marks.size - most))
        const values = [new TextEncoder().encode(notes)]
        const remembered = JSON.stringify({ fingerprint, said, marks: latest })
        return writeSafetensors([{ name: 'notes', shape: [values[0]?.length ?? 0], values }], { remembered })
      },
      async saveParts({ known = [], ...options } = {}) {
        const name = `state ${said.length}`
        const states = new Map(known.includes(name) ? [] : [[name, Uint8Array.of(said.length)]])
        return { session: await this.save(options), names: [name], states }
      },
      async dispose() {},
      mark: unused,
      branch: unused,
      fork: unused,
      beamSearch: unused,
      inspect: unused,
      read: unused,
    }
  }

  const model = {
    info: { name: 'mortal', fingerprint },
    async createSession() {
      await step()
      return sessionOf({ said: [], marks: [] })
    },
    async restoreSession(given: Uint8Array | SavedParts) {
      await step()
      const saved = readSaved('session' in given ? given.session : given)
      if (saved.fingerprint !== fingerprint) throw new RwkvError('session/saved', 'It belongs to another model.')
      return sessionOf(saved)
    },
  } as unknown as Model
  return {
    model,
    readings,
    dieIn(steps) {
      left = steps
    },
  }
}

/** What `save` of such a session wrote. */
export function readSaved(bytes: Uint8Array): Remembered & { readonly fingerprint: string } {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true))
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)))
  return JSON.parse(header.__metadata__.remembered)
}
