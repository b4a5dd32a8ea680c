/** @file A little of all that is asked of a model, and what comes of it, to be compared with what came of it undisturbed. */

import type { Model, SamplingOptions } from '../../src/engine.ts'

const sampled: Partial<SamplingOptions> = {
  temperature: 1,
  topP: 0.9,
  seed: 5,
  frequencyPenalty: 0.2,
  bannedIds: [0, 259],
}

/** Ids of replies, beams and calls that go on from what was saved. */
export async function askEverything(model: Model): Promise<unknown> {
  const [session, other] = await Promise.all([model.createSession({ sampling: sampled }), model.createSession()])
  const state = await model.createState()
  const replies = [session.prompt('How do you do?'), other.prompt('What is a cat?', { sampling: { maxTokens: 20 } })]
  await state.feed(Array.from({ length: 300 }, (_, i) => 1 + (i % 250)))
  const ids = []
  for (const reply of replies) ids.push((await reply.summary).ids)
  const beams = await session.beamSearch('Who?', { width: 2, steps: 3 })
  const saved = await session.save()
  const restored = await model.restoreSession(saved)
  ids.push((await restored.prompt('Go on.', { sampling: { maxTokens: 5 } }).summary).ids)
  const [, reply] = await session.transcript()
  await session.rewind(reply.before)
  ids.push((await session.respond({ sampling: { seed: 6, logprobs: 1, maxTokens: 3 } }).summary).ids)
  const { length } = await state.read()
  for (const one of [session, other, restored, state]) await one.dispose()
  return { ids, beams: beams.map((beam) => beam.ids), length }
}
