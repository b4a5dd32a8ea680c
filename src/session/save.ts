/**
 * @file Saving a session: which states belong to it, in which precision they are written, and which of them whoever saves
 * has already.
 */

import { isRwkvError } from '../core/errors.ts'
import { float32ToHalf } from '../core/float16.ts'
import type { ModelInfo, SavedParts, SaveOptions, SavePartsOptions } from '../core/protocol.ts'
import { checksumOf } from '../file/checksum.ts'
import { nothingSeen, type Seen } from './conversation.ts'
import type { SavedSession } from './saved-checks.ts'
import { type WrittenState, writeSession } from './saved-session.ts'

/** A session and how its states are read: the conversation's, and those of the marks that are saved. */
export interface Saving {
  readonly session: Omit<SavedSession, 'promptFormat' | 'states'>
  readonly states: ReadonlyMap<Seen, () => Promise<Float32Array<ArrayBuffer>>>
  readonly info: ModelInfo
}

/** All of it in one file. */
export async function saveWhole(
  { session, states, info }: Saving,
  { precision, notes }: Pick<SaveOptions, 'precision' | 'notes'>,
): Promise<Uint8Array<ArrayBuffer>> {
  const written = new Map<Seen, WrittenState>()
  for (const [seen, read] of states) {
    const rows = await readUnlessLost(seen, read)
    if (rows) written.set(seen, encodeState(rows, precision))
  }
  return writeSession({ ...session, states: written }, info, notes)
}

/** Saves a session again and again, its states apart. */
export interface PartSaver {
  saveParts(saving: Saving, options: SavePartsOptions): Promise<SavedParts>
}

/** It remembers the names of states, so that those which are known need not be read. */
export function createPartSaver(): PartSaver {
  const namesIn = { f32: new WeakMap<Seen, string>(), f16: new WeakMap<Seen, string>() }
  return {
    async saveParts({ session, states, info }, { precision = 'f32', known = [], notes }) {
      const names = namesIn[precision]
      const [apart, fresh] = [new Map<Seen, string>(), new Map<string, Uint8Array<ArrayBuffer>>()]
      for (const [seen, read] of states) {
        if (seen === nothingSeen) continue // every model knows it
        let name = names.get(seen)
        if (name === undefined || !(known.includes(name) || fresh.has(name))) {
          const rows = await readUnlessLost(seen, read)
          if (!rows) continue
          const bytes = new Uint8Array(encodeState(rows, precision).slice().buffer)
          name = checksumOf(bytes)
          names.set(seen, name)
          if (!known.includes(name)) fresh.set(name, bytes)
        }
        apart.set(seen, name)
      }
      const written = writeSession({ ...session, states: new Map(), apart }, info, notes)
      return { session: written, names: [...new Set(apart.values())], states: fresh }
    },
  }
}

/** Of a state that is gone with the GPU the ids remain: whoever restores it reads them again. */
async function readUnlessLost({ hash }: Seen, read: () => Promise<Float32Array<ArrayBuffer>>) {
  try {
    return await read()
  } catch (error) {
    if (!isRwkvError(error, 'gpu/lost') || hash === undefined) throw error
    return undefined
  }
}

const INFINITE = 0x7c00 // bits of a half, but its sign

/** As it is, or in f16; what that cannot hold becomes its largest number, such as -1e30, which weighs nothing either way. */
function encodeState(rows: Float32Array<ArrayBuffer>, precision: SaveOptions['precision']): WrittenState {
  if (precision !== 'f16') return rows
  const halves = float32ToHalf(rows)
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i] as number
    if ((half & 0x7fff) === INFINITE) halves[i] = half - 1
  }
  return halves
}
