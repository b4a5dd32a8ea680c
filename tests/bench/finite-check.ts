/** @file Looks for NaN and infinity in a buffer of f32s, on the GPU and by their bits. */

import { createOwner, type Owned } from '../../src/core/dispose.ts'
import { type Buffer, createBuffer, createReadback } from '../../src/gpu/buffer.ts'
import type { Gpu } from '../../src/gpu/device.ts'
import { createDispatchList, createKernelCache } from '../../src/gpu/dispatch-list.ts'
import { submit } from '../../src/gpu/recorder.ts'
import code from './count-not-finite.wgsl?raw'

/** A check of one buffer. The creator disposes it. */
export interface FiniteCheck extends Owned {
  /** Look at the buffer as it is after everything submitted so far. */
  look(): void
  /** How many values were not finite, all looks together. */
  count(): Promise<number>
}

const GROUP = 64 // invocations, as in the shader
const shape = { rows: 0, entries: 0, outputs: 0 }

/** A check of `buffer`. */
export async function createFiniteCheck(gpu: Gpu, buffer: Buffer): Promise<FiniteCheck> {
  const owner = createOwner()
  const counter = owner.own(createBuffer(gpu, { label: 'not finite', byteLength: 4, use: 'storage' }))
  const readback = owner.own(createReadback(gpu, { label: 'not finite readback', byteLength: 4 }))
  const { dispatches } = owner.own(
    await createDispatchList(gpu, createKernelCache(gpu), [
      {
        label: 'count-not-finite',
        source: {
          label: 'count-not-finite',
          parts: [{ name: 'count-not-finite.wgsl', code }],
          bindings: ['uniform', 'read', 'read_write'],
          constants: {},
        },
        params: [],
        bindings: [buffer, counter],
        grid: () => [Math.ceil(buffer.byteLength / 4 / GROUP), 1, 1],
      },
    ]),
  )
  return {
    look: () => submit(gpu, { label: 'count-not-finite', dispatches, shape }),
    async count() {
      const copies = [{ from: counter, fromOffset: 0, to: readback.buffer, toOffset: 0, byteLength: 4 }]
      submit(gpu, { label: 'read count', dispatches: [], shape, copies })
      return new Uint32Array(await readback.read(4))[0]
    },
    dispose: () => owner.dispose(),
  }
}
