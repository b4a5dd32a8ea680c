import { describe, expect, test } from 'vitest'
import { initialState } from '../../../src/forward/state-rows.ts'
import { inspector } from '../../../src/rwkv/v4/inspect.ts'
import { state } from '../../../src/rwkv/v4/state.ts'
import { createOracleState, forward, type LayerState, type Vector } from '../../oracle/rwkv4.ts'
import { expectClose } from '../../tools/closeness.ts'
import { randomArray } from '../../tools/random-array.ts'

const config = { version: 4, L: 2, C: 6, F: 8, V: 11 } as const
const { L, C, F, V } = config

/** A made-up model, and a state after each of some ids. */
function run(ids: readonly number[]) {
  let seed = 1
  const made = new Map<string, Vector>()
  const weights = (name: string): Vector => {
    const rows = name.includes('emb') || name.includes('head') ? V * C : /ffn\.(key|value)/.test(name) ? F * C : C * C
    const length = name.endsWith('weight') && !/ln/.test(name) ? rows : C
    const found = made.get(name) ?? randomArray(seed++, length, 1)
    made.set(name, found)
    return found
  }
  const state = createOracleState(config)
  const rows = (layers: readonly LayerState[]) =>
    Float32Array.from(
      layers.flatMap(({ attX, ffnX, aa, bb, pp }) => [attX, ffnX, aa, bb, pp].flatMap((row) => [...row])),
    )
  const states = [rows(state)]
  // k of each id and layer, from how the sums grow: bb·exp(pp) after is bb·exp(pp)·exp(w) before, and exp(k).
  for (const id of ids) {
    forward(weights, config, state, id)
    states.push(rows(state))
  }
  const raw = Array.from({ length: L }, (_, i) => `blocks.${i}.att.time_decay`).map(
    (name) => [name, Float32Array.from(weights(name))] as const,
  )
  const timeDecay = raw.map(([, values]) => values.map((value) => -Math.exp(value)))
  return { states, timeDecay, inspect: inspector(config, new Map(raw)) }
}

/** Σ exp(k) of a channel, faded until now: the denominator written out. */
const sumOf = (rows: Float32Array, layer: number, c: number) => {
  const at = (index: number) => rows[(layer * 5 + index) * C + c]
  return at(3) * Math.exp(at(4))
}

describe('inspecting a state', () => {
  const ids = [1, 4, 2, 9, 3, 3, 7]
  const { states, timeDecay, inspect } = run(ids)

  test('the share of the last n tokens is what they put there, faded, over the whole sum', () => {
    for (const n of [0, 1, 3, ids.length]) {
      const now = states[ids.length]
      const earlier = { rows: states[ids.length - n], tokens: n }
      const { layers } = inspect(now, earlier)
      layers.forEach(({ recentShare }, layer) => {
        const expected = Array.from({ length: C }, (_, c) => {
          // Added up token by token: each puts in what the sum has grown by beyond what was left of it.
          let recent = 0
          for (let t = ids.length - n; t < ids.length; t++) {
            const added = sumOf(states[t + 1], layer, c) - sumOf(states[t], layer, c) * Math.exp(timeDecay[layer][c])
            recent += added * Math.exp((ids.length - 1 - t) * timeDecay[layer][c])
          }
          return recent / sumOf(now, layer, c)
        })
        expectClose(recentShare as Float32Array, expected, { atol: 1e-4 })
      })
    }
  })

  test('after a half-life, half of a sum is left', () => {
    const { layers } = inspect(states[3])
    layers.forEach(({ halfLife, recentShare }, layer) => {
      expect(recentShare).toBeUndefined()
      expect(halfLife).toHaveLength(C)
      halfLife?.forEach((tokens, c) => {
        expect(Math.exp(tokens * timeDecay[layer][c])).toBeCloseTo(0.5, 5)
      })
    })
  })

  test('norms are those of the shift rows and of the mean aa/bb, and 0 for a state that has seen nothing', () => {
    const { layers } = inspect(states[5])
    layers.forEach(({ norms }, layer) => {
      const row = (index: number) =>
        Array.from(states[5].subarray((layer * 5 + index) * C, (layer * 5 + index + 1) * C))
      expect(norms.attX).toBeCloseTo(Math.hypot(...row(0)), 4)
      expect(norms.ffnX).toBeCloseTo(Math.hypot(...row(1)), 4)
      expect(norms.mean).toBeCloseTo(Math.hypot(...row(2).map((sum, c) => sum / row(3)[c])), 4)
    })
    const fresh = initialState(state(), config)
    for (const layer of inspect(fresh, { rows: fresh, tokens: 0 }).layers) {
      expect(layer.norms).toEqual({ attX: 0, ffnX: 0, mean: 0 })
      expect([...(layer.recentShare ?? [])]).toEqual(Array(C).fill(0))
    }
  })
})
