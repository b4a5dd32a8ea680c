import { expect, test } from 'vitest'
import type { ModelConfig } from '../../src/core/protocol.ts'
import type { StepEntry } from '../../src/forward/step-buffer.ts'
import type { Watched } from '../../src/forward/watch.ts'
import { trace } from '../../src/session/trace.ts'

/** A forward pass whose values are the ids, and that remembers how it was called. */
function fakeForward() {
  const calls: { rows: number; outputs: StepEntry['outputs'] }[] = []
  return {
    calls,
    limits: { rows: 256, entries: 32, outputs: 32 },
    async trace({ ids, outputs }: StepEntry, { layers, of }: Watched) {
      calls.push({ rows: ids.length, outputs })
      const values = new Map(of.map((name) => [name, Float32Array.from(ids)]))
      return { logits: outputs === 'last' ? [Float32Array.of(ids.length)] : [], layers: layers.map(() => values) }
    },
  }
}

const ids = Array.from({ length: 600 }, (_, id) => id)
const small: ModelConfig = { version: 4, L: 2, C: 64, F: 256, V: 1000 }
const large: ModelConfig = { version: 4, L: 32, C: 4096, F: 16_384, V: 1000 } // the 7B shape

test.each([
  ['32 ids if nothing is said', small, {}, 32],
  ['as many as asked for', small, { chunk: 100 }, 100],
  ['no more than a step takes', small, { chunk: 1000 }, 256],
  ['as many as 64 MiB of values', large, { chunk: 256 }, 25],
  ['more where fewer layers are watched', large, { chunk: 256, layers: [31, 0] }, 256],
])('a traced step takes %s, and only the last gives logits', async (_, config, options, most) => {
  const forward = fakeForward()
  const { logits, layers } = await trace(forward, config, { slot: 0, ids, ...options })
  const rows = forward.calls.map((call) => call.rows)
  expect(Math.max(...rows)).toBe(most)
  expect(rows.slice(0, -1).every((count) => count === most)).toBe(true)
  expect(forward.calls.map(({ outputs }) => outputs)).toEqual(
    rows.map((_, i) => (i < rows.length - 1 ? 'none' : 'last')),
  )
  expect(logits).toEqual(Float32Array.of(rows.at(-1) as number))
  for (const { x, wkv } of layers) expect([...x, ...wkv]).toEqual([...ids, ...ids])
})
