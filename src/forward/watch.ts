/**
 * @file What goes through the layers of a model, read while they run. A traced step is cut into submits: after the trace
 * point of a layer, where all its values are there and its x is not yet added to, what was asked for is copied aside.
 */

import { createOwner, type Owned } from '../core/dispose.ts'
import type { ModelConfig, TraceName } from '../core/protocol.ts'
import { type Buffer, createBuffer, createReadback } from '../gpu/buffer.ts'
import type { Gpu } from '../gpu/device.ts'
import { type Dispatch, type StepShape, submit } from '../gpu/recorder.ts'
import type { Architecture, LayerDispatch } from './architecture.ts'
import type { Scratch } from './scratch.ts'

/** What is to be read. */
export interface Watched {
  /** Distinct, ascending. */
  readonly layers: readonly number[]
  readonly of: readonly TraceName[]
}

/** What was read of one layer: f32 (N, C) for each name asked for. */
export type TracedLayer = ReadonlyMap<TraceName, Float32Array<ArrayBuffer>>

/** For each layer, how many dispatches of a step there are up to its trace point. */
export function tracePoints(specs: readonly Pick<LayerDispatch, 'isTracePoint'>[]): readonly number[] {
  return specs.flatMap(({ isTracePoint }, index) => (isTracePoint ? [index + 1] : []))
}

/** A watch over one step. The creator disposes it. */
export interface Watch extends Owned {
  /** f32 (N, C), for the version to leave in it what else is gone. */
  readonly watched: Buffer
  /** Carry out `dispatches` up to the last layer that is watched. @returns the rest of them */
  submit(step: WatchedStep): readonly Dispatch[]
  /** In the order of the layers. */
  read(): Promise<TracedLayer[]>
}

/** A step to watch. */
export interface WatchedStep {
  readonly dispatches: readonly Dispatch[]
  /** Of these dispatches: see `tracePoints`. */
  readonly points: readonly number[]
  readonly shape: StepShape
}

/** What `createWatch` takes. */
export interface CreateWatch extends Watched {
  readonly architecture: Pick<Architecture, 'traced'>
  readonly config: ModelConfig
  readonly scratch: Scratch
  /** N: token rows of the step. */
  readonly rows: number
}

/** A watch over a step of `rows` token rows. */
export function createWatch(gpu: Gpu, options: CreateWatch): Watch {
  const { architecture, layers, of, config, scratch, rows: N } = options
  const { traced } = architecture
  const { C } = config
  const owner = createOwner()
  const watched = owner.own(createBuffer(gpu, { label: 'watched', byteLength: N * C * 4, use: 'storage' }))
  const buffers = { ...scratch, watched } as unknown as Readonly<Record<string, Buffer>>
  const places = of.map((value) => ({ value, ...traced[value] }))
  const sections = new Map(places.map(({ from, parts }) => [from, parts])) // each buffer is copied once
  const byteLengthOf = (parts: number) => N * parts * C * 4
  const byteLength = layers.length * [...sections.values()].reduce((sum, parts) => sum + byteLengthOf(parts), 0)
  const readback = owner.own(createReadback(gpu, { label: 'watched values', byteLength }))

  return {
    watched,
    submit({ dispatches, points, shape }) {
      let done = 0
      let toOffset = 0
      for (const layer of layers) {
        const end = points[layer] as number
        const copies = Array.from(sections, ([name, parts]) => {
          const from = buffers[name] as Buffer
          const copy = { from, fromOffset: 0, to: readback.buffer, toOffset, byteLength: byteLengthOf(parts) }
          toOffset += copy.byteLength
          return copy
        })
        submit(gpu, { label: `step to layer ${layer}`, dispatches: dispatches.slice(done, end), shape, copies })
        done = end
      }
      return dispatches.slice(done)
    },
    async read() {
      const bytes = await readback.read(byteLength)
      let at = 0
      return layers.map(() => {
        const found = new Map<TraceName, Float32Array<ArrayBuffer>>()
        for (const [name, parts] of sections) {
          const values = new Float32Array(bytes, at, N * parts * C)
          at += values.byteLength
          for (const { value, from, part } of places) {
            if (from !== name) continue
            const rows = new Float32Array(N * C)
            for (let n = 0; n < N; n++) {
              const start = (n * parts + part) * C
              rows.set(values.subarray(start, start + C), n * C)
            }
            found.set(value, rows)
          }
        }
        return found
      })
    },
    dispose: () => owner.dispose(),
  }
}

/** Rows one after the other. */
export function joined(parts: readonly (Float32Array | undefined)[]): Float32Array<ArrayBuffer> {
  const all = new Float32Array(parts.reduce((sum, part) => sum + (part?.length ?? 0), 0))
  let at = 0
  for (const part of parts) {
    all.set(part ?? [], at)
    at += part?.length ?? 0
  }
  return all
}
