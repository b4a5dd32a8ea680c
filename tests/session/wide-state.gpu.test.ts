import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Model, Session } from '../../src/core/protocol.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { createStore } from '../../src/store/store.ts'
import { createFakeDirectory } from '../tools/fake-directory.ts'
import { createWideEngine, wideModel } from '../tools/wide-state.ts'

const STATE_BYTES = 24 * 66 * 1024 * 4
const REPLIES = 4

const { disk, directory } = createFakeDirectory()
let engine: Engine
let model: Model
beforeAll(async () => {
  // A GiB of memory: 9 states on the GPU, of which two are marks, and two marks in memory; the rest goes to the file.
  engine = await createWideEngine({ store: createStore({ open: async () => directory }), memoryByteLength: 2 ** 30 })
  model = await engine.loadModel(wideModel)
})
afterAll(async () => {
  await model.dispose()
  expect((await model.counters()).gpuByteLength).toBe(0)
  await engine.dispose()
})

/** The name of the state that a session is in; the model's own beginning has none. */
async function stateOf(session: Session): Promise<string> {
  const [name = 'beginning', ...others] = (await session.saveParts({ marks: 0 })).names
  expect(others).toEqual([])
  return name
}

/** What was said, and the state after each reply, as it was at that time. */
async function talk(session: Session, onReply: () => Promise<void> = async () => {}) {
  const states = [await stateOf(session)]
  for (let reply = 0; reply < REPLIES; reply++) {
    await session.prompt(`message ${reply}`).summary
    await onReply()
    states.push(await stateOf(session))
  }
  expect(new Set(states).size).toBe(REPLIES + 1)
  return states
}

test('a conversation with states of 6.5 MB goes back to any of its messages, wherever the mark has gone to', async () => {
  expect(model.info.stateByteLength).toBe(STATE_BYTES)
  const session = await model.createSession({ shared: false })
  const { used } = disk
  const states = await talk(session)
  expect(disk.used - used).toBeGreaterThanOrEqual(REPLIES * STATE_BYTES) // half of the marks are in the file
  const forked = await session.fork()
  const transcript = await session.transcript()
  expect(transcript).toHaveLength(2 * REPLIES)
  for (const one of [session, forked]) {
    for (const [message, { role, ids, before }] of [...transcript.entries()].reverse()) {
      await one.rewind(before)
      if (role === 'user') expect(await stateOf(one)).toBe(states[message / 2])
      else expect((await one.respond().summary).ids).toEqual(ids)
    }
  }
  await session.dispose()
  await forked.dispose()
})

test('a reply leaves at most two states to be written', async () => {
  const session = await model.createSession({ shared: false })
  let { names: known } = await session.saveParts()
  let used = disk.used
  const written: number[] = []
  await talk(session, async () => {
    const { names, states } = await session.saveParts({ known })
    written.push(states.size)
    expect((disk.used - used) / STATE_BYTES).toBeLessThanOrEqual(2) // marks that left memory
    known = names
    used = disk.used
  })
  expect(Math.max(...written)).toBeLessThanOrEqual(2)
  await session.dispose()
})

test.each(['f32', 'f16'] as const)('saved in %s and opened again, it is where it was', async (precision) => {
  const session = await model.createSession({ shared: false })
  const states = await talk(session)
  const saved = await session.save({ precision })
  const perState = saved.byteLength / (2 * REPLIES + 1)
  expect(perState / (precision === 'f16' ? STATE_BYTES / 2 : STATE_BYTES)).toBeCloseTo(1, 2)
  const opened = await model.restoreSession(saved)
  const [said, again] = [await session.transcript(), await opened.transcript()]
  expect(again.map(({ text }) => text)).toEqual(said.map(({ text }) => text))
  await opened.rewind(again[2]?.before as (typeof again)[number]['before'])
  if (precision === 'f32') expect(await stateOf(opened)).toBe(states[1])
  await opened.prompt('message 1').summary
  expect((await opened.transcript()).length).toBe(4)
  await session.dispose()
  await opened.dispose()
})
