/** @file Feeding ids to a state while looking into layers: the options of `State.trace`, step by step, joined together. */

import { RwkvError } from '../core/errors.ts'
import type { LayerTrace, ModelConfig, TraceName, TraceOptions } from '../core/protocol.ts'
import type { Feed } from '../feeder/feed.ts'
import type { Forward } from '../forward/forward.ts'
import { joined, type TracedLayer } from '../forward/watch.ts'

/** What a trace gives. */
export interface Traced {
  /** f32 (V): the logits after the last id; undefined if there was none. */
  readonly logits: Float32Array<ArrayBuffer> | undefined
  readonly layers: readonly LayerTrace[]
}

const NAMES: readonly TraceName[] = ['x', 'r', 'k', 'v', 'wkv']
const STEP_ROWS = 32 // ids of a step, if the caller does not say
const STEP_BYTES = 64 * 1024 * 1024 // most that is read back of a step

/**
 * Feed `ids` to the state in `slot` and read what goes through its layers.
 * @throws RwkvError `option/invalid`; the signal's reason, between two steps: what was fed before stays fed
 */
export async function trace(
  forward: Pick<Forward, 'trace' | 'limits'>,
  { L, C }: ModelConfig,
  { slot, ids, chunk = STEP_ROWS, signal, ...wanted }: Feed & TraceOptions,
): Promise<Traced> {
  const layers = layersOf(wanted.layers, L)
  const of = namesOf(wanted.of)
  const inBytes = Math.floor(STEP_BYTES / (Math.max(1, layers.length) * NAMES.length * C * 4))
  const rows = Math.max(1, Math.min(chunk, forward.limits.rows, inBytes))
  const steps: (readonly TracedLayer[])[] = []
  let logits: Traced['logits']
  for (let from = 0; from < ids.length; from += rows) {
    signal?.throwIfAborted()
    const outputs = from + rows >= ids.length ? 'last' : 'none'
    const step = await forward.trace({ slot, ids: ids.slice(from, from + rows), outputs }, { layers, of })
    steps.push(step.layers)
    logits = step.logits.at(-1)
  }
  return {
    logits,
    layers: layers.map((layer, i) => {
      const values = of.map((name) => [name, joined(steps.map((step) => step[i]?.get(name)))])
      return { layer, ...(Object.fromEntries(values) as Record<TraceName, Float32Array>) }
    }),
  }
}

function layersOf(layers: readonly number[] | undefined, L: number): readonly number[] {
  const all = Array.from({ length: L }, (_, layer) => layer)
  for (const layer of layers ?? []) {
    if (!all.includes(layer))
      throw new RwkvError('option/invalid', `layers holds ${layer}; expected whole numbers from 0 to ${L - 1}.`)
  }
  return all.filter((layer) => layers?.includes(layer) ?? true)
}

function namesOf(of: readonly TraceName[] = NAMES): readonly TraceName[] {
  const unknown = of.find((name) => !NAMES.includes(name))
  if (unknown !== undefined)
    throw new RwkvError('option/invalid', `of holds ${String(unknown)}; expected any of ${NAMES.join(', ')}.`)
  return NAMES.filter((name) => of.includes(name))
}
