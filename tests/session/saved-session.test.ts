import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isRwkvError } from '../../src/core/errors.ts'
import type { Mark, Model, ModelInfo, SavedParts, SavePartsOptions, Session } from '../../src/core/protocol.ts'
import { savedNotes } from '../../src/core/saved-notes.ts'
import { createByteSource } from '../../src/file/byte-source.ts'
import { checksumOf } from '../../src/file/checksum.ts'
import { openSafetensors } from '../../src/file/safetensors.ts'
import { writeSafetensors } from '../../src/file/safetensors-write.ts'
import { messagesOf, nothingSeen } from '../../src/session/conversation.ts'
import { saveWhole } from '../../src/session/save.ts'
import { readSession } from '../../src/session/saved-session.ts'
import { buildSafetensors } from '../tools/safetensors-bytes.ts'
import { idsInState, type StandIn, standInModel } from '../tools/stand-in-model.ts'

const open = (bytes: Uint8Array) => openSafetensors(createByteSource('saved', bytes))
const headerLength = (bytes: Uint8Array) => Number(new DataView(bytes.buffer).getBigUint64(0, true))

/** `turns` questions, each with a short reply. */
async function talk(session: Session, turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await session.prompt('What is it?', { sampling: { maxTokens: 2 } }).summary
}

/** A saved session with another JSON, under a checksum that fits. */
async function forged(bytes: Uint8Array, change: (json: string) => string): Promise<Uint8Array> {
  const file = await open(bytes)
  const tensors = [...file.tensors.values(), ...file.unreadable.values()].map(({ name, shape, offset, byteLength }) => {
    const part = bytes.slice(offset, offset + byteLength)
    if (name !== 'session') return { name, shape, values: [new Float32Array(part.buffer)] }
    const text = new TextEncoder().encode(change(new TextDecoder().decode(part)))
    return { name, shape: [text.length], values: [text] }
  })
  return writeSafetensors(tensors, Object.fromEntries(file.metadata))
}

/** What the session and each mark in front of a message have seen. */
async function seenBy(session: Session): Promise<number[][]> {
  const all = [idsInState(await session.read())]
  for (const { before } of await session.transcript()) {
    const branch = await session.branch(before)
    all.push(idsInState(await branch.read()))
    await branch.dispose()
  }
  return all
}

describe('the bytes of a session', () => {
  test('in f16 take half of what states take, each number rounded to the nearest, and none is beyond what f16 holds', async () => {
    const { model } = standInModel()
    const rows = Float32Array.of(1 / 3, -1e30, 1e9, 65_504, -2048.5)
    const session = {
      ...{ conversation: { said: undefined, pending: [], seen: nothingSeen, reused: 0, replies: 0 }, marks: [] },
      ...{ sampling: model.info.sampling, isPlain: false, think: false as const, keepsThoughts: false },
    }
    const saving = { session, info: model.info, states: new Map([[nothingSeen, async () => rows]]) }
    const [whole, half] = [await saveWhole(saving, {}), await saveWhole(saving, { precision: 'f16' })]
    expect(whole.length - headerLength(whole) - (half.length - headerLength(half))).toBe(rows.byteLength / 2)
    const stateIn = async (bytes: Uint8Array) => (await readSession(bytes, model.info)).states.get(nothingSeen)
    expect(await stateIn(whole)).toEqual(rows)
    expect(await stateIn(half)).toEqual(Float32Array.of(0.333251953125, -65_504, 65_504, 65_504, -2048))
  })

  test('are as many for each turn, however many there were, in a header that does not grow', async () => {
    const { model } = standInModel()
    const session = await model.createSession()
    const lengths: number[] = []
    for (let i = 0; i < 3; i++) {
      await talk(session, 100)
      const bytes = await session.save()
      lengths.push(bytes.length)
      expect(headerLength(bytes)).toBeLessThan(1000)
    }
    const [first, second, third] = lengths as [number, number, number]
    expect((third - second) / (second - first)).toBeCloseTo(1, 1)
    expect(third / 300).toBeLessThan(1000)
  })

  test('hold the notes of whoever saves, which are read without the model; the session is the same', async () => {
    const { model } = standInModel()
    const session = await model.createSession()
    await talk(session, 2)
    expect(savedNotes(await session.save())).toBeUndefined()
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (notes) => {
        const [whole, parts] = [await session.save({ notes }), await session.saveParts({ notes })]
        for (const saved of [whole, parts.session]) expect(savedNotes(saved)).toBe(notes)
        for (const saved of [whole, parts]) {
          const again = await model.restoreSession(saved)
          expect(await again.transcript()).toEqual(await session.transcript())
          expect(await again.read()).toEqual(await session.read())
          await again.dispose()
        }
      }),
    )
  })

  test('of which notes cannot be read are refused by name', async () => {
    const session = await standInModel().model.createSession()
    const saved = await session.save({ notes: 'mine' }) // the last tensor
    const header = (json: string) => Buffer.concat([Uint8Array.of(json.length, 0, 0, 0, 0, 0, 0, 0), Buffer.from(json)])
    const at = (offsets: string) => header(`{"notes":{"dtype":"U8","shape":[1],"data_offsets":${offsets}}}`)
    const wrong = [saved.subarray(0, 7), saved.subarray(0, -1), header('null'), at('[0,1]'), at('[-9,0]'), at('"all"')]
    for (const bytes of [...wrong, Uint8Array.of(...at('[0,1]'), 0xff)])
      expect(() => savedNotes(bytes)).toThrow(expect.objectContaining({ code: 'session/saved' }))
    expect(savedNotes(Uint8Array.of(...at('[0,1]'), 0x41))).toBe('A')
  })

  test('of version 1 are read: what was said, what waits to be fed, and the state of each mark', async () => {
    const bytes = new Uint8Array(readFileSync(new URL('../golden/sessions/tiny.v1.safetensors', import.meta.url)))
    const file = await open(bytes)
    const config = { version: 4, L: 2, C: 64, F: 256, V: 260 } as const
    const { state } = standInModel().model.info
    const info = { config, state, fingerprint: file.metadata.get('fingerprint') } as ModelInfo
    const { conversation, marks, states } = await readSession(bytes, info)
    expect(messagesOf(conversation).map(({ text }) => text)).toEqual([
      'a cat',
      'ؐ\ufffd\u001b',
      'Some text.',
      'a dog',
      '-\ufffd\ufffdy',
    ])
    expect(conversation.seen.length).toBe(45)
    expect(marks.map(({ conversation: { said } }) => said?.count ?? 0)).toEqual([0, 1, 2, 2, 3, 4])
    expect(marks[1]?.conversation).toMatchObject({ pending: [59], seen: { length: 17 } })
    for (const [name, moment] of [
      ['state', conversation] as const,
      ...marks.map((mark) => [`mark.${mark.id}`, mark.conversation] as const),
    ]) {
      const tensor = file.tensors.get(name)
      if (!tensor) throw new Error(`no ${name} in the fixture`)
      const expected = new Float32Array((await file.read(tensor, 0, tensor.byteLength)).slice().buffer)
      expect(states.get(moment.seen)).toEqual(expected)
    }
  })

  test('of version 1 with a header above 16 MiB, which no version 1 could read, are read', async () => {
    const messages = Array.from({ length: 1000 }, (_, i) => ({
      role: 'user',
      text: 'a'.repeat(20_000),
      ids: [1],
      before: { id: i, tokens: i, messages: i },
    }))
    const now = { transcript: messages.map((_, i) => i), pending: [], tokens: 1000, replies: 0 }
    const { info } = standInModel().model
    const bytes = buildSafetensors([{ name: 'state', dtype: 'F32', shape: [1, 5, 1] }], {
      metadata: {
        format: 'rwkv.js session',
        version: '1',
        fingerprint: info.fingerprint,
        rows: 'attX ffnX aa bb pp',
        session: JSON.stringify({ messages, now, marks: [], sampling: {} }),
      },
    })
    expect(messagesOf((await readSession(bytes, info)).conversation)).toEqual(messages)
  })

  test('may hold states of half precision', async () => {
    const { model } = standInModel()
    const bytes = await (await model.createSession()).save()
    const file = await open(bytes)
    const json = file.unreadable.get('session')
    if (!json) throw new Error('no session in the file')
    const half = Uint8Array.of(0, 0, 0, 0x3c, 0, 0xc0, 0, 0, 0, 0) // 0 1 -2 0 0
    const rest = bytes.slice(json.offset, json.offset + json.byteLength)
    const tensors = [
      { name: 'state', dtype: 'F16', shape: [1, 5, 1], bytes: half },
      { name: 'session', dtype: 'U8', shape: [rest.length], bytes: rest },
    ]
    const checksum = checksumOf(new Uint8Array([...half, ...rest]))
    const metadata = { ...Object.fromEntries(file.metadata), checksum }
    const { states, conversation } = await readSession(buildSafetensors(tensors, { metadata }), model.info)
    expect(states.get(conversation.seen)).toEqual(Float32Array.of(0, 1, -2, 0, 0))
  })
})

describe('a session in parts', () => {
  /** Whatever is written down, by name. */
  const createDisk = () => {
    const disk = new Map<string, Uint8Array<ArrayBuffer>>()
    const write = async (session: Session, options: SavePartsOptions = {}) => {
      const parts = await session.saveParts({ ...options, known: [...disk.keys()] })
      for (const [name, state] of parts.states) disk.set(name, state)
      return parts
    }
    return { disk, write }
  }
  const read = async (model: Model, { session }: SavedParts, states: SavedParts['states']) =>
    model.restoreSession({ session, states })

  test('has two new states after a reply, however many there were, and is restored as the whole is', async () => {
    const { model } = standInModel()
    const session = await model.createSession()
    const { disk, write } = createDisk()
    for (let turn = 0; turn < 20; turn++) {
      await talk(session, 1)
      const parts = await write(session)
      expect(parts.states.size).toBe(2) // not the beginning, which the model knows
      expect(new Set(parts.names)).toEqual(new Set(disk.keys()))
      expect(await seenBy(await read(model, parts, disk))).toEqual(await seenBy(session))
    }
  })

  test('whose restored self goes on has two new states after its reply too, also in f16', async () => {
    for (const precision of ['f32', 'f16'] as const) {
      const { model } = standInModel({ name: precision })
      const { disk, write } = createDisk()
      let session = await model.createSession()
      await talk(session, 2)
      for (let turn = 0; turn < 3; turn++) {
        session = await read(model, await write(session, { precision }), disk)
        await talk(session, 1)
        const [before, { length }] = [disk.size, await session.transcript()]
        await write(session, { precision })
        expect([length, disk.size - before]).toEqual([2 * turn + 6, 2])
      }
    }
  })

  test('names the states of as many marks as are asked for, and the calls of the GPU are those of new states', async () => {
    const standIn = standInModel()
    const session = await standIn.model.createSession()
    await talk(session, 5)
    const { write } = createDisk()
    expect((await write(session, { marks: 2 })).names).toHaveLength(3)
    let reads = 0
    standIn.onCall = (call) => {
      if (call === 'read') reads++
    }
    expect((await write(session, { marks: 2 })).states.size).toBe(0)
    expect(reads).toBe(0)
  })

  test('of which states are missing, cut or damaged is read again from its ids', async () => {
    const { model } = standInModel()
    const session = await model.createSession()
    await talk(session, 3)
    const { disk, write } = createDisk()
    const parts = await write(session)
    const expected = await seenBy(session)
    const names = [...disk.keys()]
    const damaged = new Map(disk)
    for (const [place, name] of names.entries()) {
      const state = (disk.get(name) as Uint8Array<ArrayBuffer>).slice()
      if (place % 3 === 0) damaged.delete(name)
      else if (place % 3 === 1) damaged.set(name, state.slice(4))
      else damaged.set(name, state.fill(0x3f, 0, 2))
    }
    expect(await seenBy(await read(model, parts, damaged))).toEqual(expected)
    expect(await seenBy(await model.restoreSession(parts.session))).toEqual(expected)
  })
})

describe('bytes from elsewhere', () => {
  test('with any bit of their data changed are refused', async () => {
    const { model } = standInModel()
    const session = await model.createSession()
    await talk(session, 2)
    const bytes = await session.save()
    const from = 8 + headerLength(bytes)
    const place = fc.integer({ min: from, max: bytes.length - 1 })
    await fc.assert(
      fc.asyncProperty(place, fc.nat(7), async (at, bit) => {
        const damaged = bytes.slice()
        damaged[at] = (damaged[at] as number) ^ (1 << bit)
        await expect(model.restoreSession(damaged)).rejects.toThrow(/checksum/)
      }),
      { numRuns: 200 },
    )
  })

  test.each([
    [
      'a mark with an id that is no whole number',
      (json: string) => json.replace(/"id":\d+,"automatic"/, '"id":1e300,"automatic"'),
    ],
    ['two marks of one id', (json: string) => json.replace(/"id":\d+,"automatic"/g, '"id":7,"automatic"')],
    ['a part of a list that stands before itself', (json: string) => json.replace('"said":[[-1,', '"said":[[0,')],
    ['a place that is none', (json: string) => json.replace('"now":{"seen":', '"now":{"seen":9')],
    ['a message of another role', (json: string) => json.replace('"role":"user"', '"role":"system"')],
    ['ids beyond the vocabulary', (json: string) => json.replace('"pending":[]', '"pending":[261]')],
    ['a way to think that is none', (json: string) => json.replace('"think":false', '"think":"much"')],
    ['options out of range', (json: string) => json.replace('"topP":', '"topP":7')],
    ['another JSON', () => '{}'],
    ['no JSON', () => '{'],
  ])('that hold %s are refused', async (_, change) => {
    const { model, slots } = standInModel()
    const session = await model.createSession({ shared: false })
    await talk(session, 1)
    const bytes = await session.save()
    const used = slots()
    expect(await model.restoreSession(await forged(bytes, (json) => json))).toBeDefined()
    const broken = await forged(bytes, change)
    expect(broken).not.toEqual(bytes)
    const error = await model.restoreSession(broken).catch((reason: unknown) => reason)
    expect(isRwkvError(error, 'session/saved') && error.message).toMatch(/not a session that can continue here/)
    expect(slots()).toBeLessThanOrEqual(used + 4) // of the sound one
  })

  test('whatever ids of marks they hold, no session of the model is the worse for it', async () => {
    const { model } = standInModel()
    const session = await model.createSession()
    await talk(session, 1)
    const most = Number.MAX_SAFE_INTEGER
    const crafted = await forged(await session.save(), (json) =>
      json.replace(/"id":\d+,"automatic"/, `"id":${most},"automatic"`),
    )
    const restored = await model.restoreSession(crafted)
    for (const one of [session, restored]) {
      const marks: Mark[] = []
      for (let i = 0; i < 3; i++) {
        marks.push(await one.mark())
        await talk(one, 1)
      }
      expect(new Set([...marks.map(({ id }) => id), most]).size).toBe(4)
      for (const [i, mark] of marks.entries()) {
        await one.rewind(mark)
        expect(await one.transcript()).toHaveLength(2 + 2 * i)
      }
      await one.rewind(marks[0] as Mark)
    }
  })
})

describe('where the GPU has gone', () => {
  /** A talk with marks in it, on a model that is lost then. */
  async function lostTalk(lose: (standIn: StandIn, session: Session) => Promise<unknown>) {
    const standIn = standInModel()
    const session = await standIn.model.createSession()
    await talk(session, 3)
    const mark = await session.mark()
    await session.append('Some text. ')
    await lose(standIn, session)
    return { session, mark, bytes: await session.save({ marks: 8 }) }
  }

  test('a session is saved without states, and restored by its ids: all of it, with its marks', async () => {
    const { mark, bytes } = await lostTalk(async ({ lose }) => lose())
    const kept = await lostTalk(async () => {})
    expect((await open(bytes)).tensors.size).toBe(0)
    const { model, slots } = standInModel()
    const restored = await model.restoreSession(bytes)
    const sound = await model.restoreSession(kept.bytes)
    expect(await seenBy(restored)).toEqual(await seenBy(sound))
    expect((await restored.prompt('And?').summary).ids).toEqual((await sound.prompt('And?').summary).ids)
    await restored.rewind(mark)
    expect(await restored.transcript()).toHaveLength(6)
    for (const one of [restored, sound]) await one.dispose()
    expect(slots()).toBeLessThan(40) // what sessions share
  })

  test('at whatever call it went, the session as it was before the call goes on', async () => {
    for (let at = 0, reached = true; reached; at++) {
      const { bytes } = await lostTalk(async (standIn, session) => {
        let count = 0
        standIn.onCall = () => {
          if (count++ === at) standIn.lose()
        }
        const { summary } = session.prompt('Is it lost?')
        const failed = await summary.then(
          () => false,
          () => true,
        )
        reached = count > at
        if (reached && failed) expect((await session.transcript()).length).toBe(7)
      })
      const { model } = standInModel()
      const restored = await model.restoreSession(bytes)
      const said = await restored.transcript()
      expect(said.slice(0, 7).map(({ text }) => text.trim())).toContain('Some text.')
      await expect(restored.prompt('And now?').summary).resolves.toBeDefined()
    }
  })
})
