/**
 * @file What goes through the layers of RWKV-4, read while they run. A traced step is cut into submits: behind the WKV of a
 * layer, where its r, k, v and wkv are all there and its x is not yet added to, what was asked for is copied aside.
 */

import { createOwner, type Owned } from '../core/dispose.ts'
import type { ModelConfig, TraceName } from '../core/protocol.ts'
import { type Buffer, createBuffer, createReadback } from '../gpu/buffer.ts'
import type { Gpu } from '../gpu/device.ts'
import { type Dispatch, type StepShape, submit } from '../gpu/recorder.ts'
import { wkvLabel } from '../kernels/wkv-v4.ts'
import type { ScratchV4 } from './scratch-v4.ts'

/** What is to be read. */
export interface Watched {
  /** Distinct, ascending. */
  readonly layers: readonly number[]
  readonly of: readonly TraceName[]
}

/** What was read of one layer: f32 (N, C) for each name asked for. */
export type TracedLayer = ReadonlyMap<TraceName, Float32Array<ArrayBuffer>>

/** A watch over one step. The creator disposes it. */
export interface WatchV4 extends Owned {
  /** f32 (N, C), for `wkvV4` to leave it in. */
  readonly wkv: Buffer
  /** Carry out `dispatches` up to the last layer that is watched. @returns the rest of them */
  submit(dispatches: readonly Dispatch[], shape: StepShape): readonly Dispatch[]
  /** In the order of the layers. */
  read(): Promise<TracedLayer[]>
}

/** Where each value is when it is read: a buffer of (N, parts, C), and which of the parts. */
const places = {
  x: { from: 'x', part: 0 },
  k: { from: 'kvr', part: 0 },
  v: { from: 'kvr', part: 1 },
  r: { from: 'kvr', part: 2 },
  wkv: { from: 'wkv', part: 0 },
} as const

/** A watch over a step of `rows` token rows. */
export function createWatchV4(
  gpu: Gpu,
  options: Watched & { readonly config: ModelConfig; readonly scratch: ScratchV4; readonly rows: number },
): WatchV4 {
  const { layers, of, config, scratch, rows: N } = options
  const { C } = config
  const owner = createOwner()
  const wkv = owner.own(createBuffer(gpu, { label: 'watched wkv', byteLength: N * C * 4, use: 'storage' }))
  const sections = (
    [
      { name: 'x', from: scratch.x, parts: 1 },
      { name: 'kvr', from: scratch.kvr, parts: 3 },
      { name: 'wkv', from: wkv, parts: 1 },
    ] as const
  ).filter(({ name }) => of.some((value) => places[value].from === name))
  const byteLengthOf = ({ parts }: { readonly parts: number }) => N * parts * C * 4
  const byteLength = layers.length * sections.reduce((sum, section) => sum + byteLengthOf(section), 0)
  const readback = owner.own(createReadback(gpu, { label: 'watched values', byteLength }))

  return {
    wkv,
    submit(dispatches, shape) {
      let done = 0
      let toOffset = 0
      for (const layer of layers) {
        const end = dispatches.findIndex(({ label }) => label === wkvLabel(layer)) + 1
        const copies = sections.map((section) => {
          const copy = {
            from: section.from,
            fromOffset: 0,
            to: readback.buffer,
            toOffset,
            byteLength: byteLengthOf(section),
          }
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
        for (const { name, parts } of sections) {
          const values = new Float32Array(bytes, at, N * parts * C)
          at += values.byteLength
          for (const value of of) {
            if (places[value].from !== name) continue
            const rows = new Float32Array(N * C)
            for (let n = 0; n < N; n++) {
              const start = (n * parts + places[value].part) * C
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
