/** @file Readbacks that take turns, so that results may be on their way back while further work is submitted. */

import { createOwner, type Owned } from '../core/dispose.ts'
import { createReadback, type Readback } from './buffer.ts'
import type { Gpu } from './device.ts'

/** Some readbacks of equal size. The creator disposes it. */
export interface ReadbackRing extends Owned {
  /** The one that was used longest ago, once what it held has been read. Read it before the next is asked for. */
  next(): Promise<Pick<Readback, 'buffer' | 'read'>>
}

/** `count` readbacks of `byteLength` bytes. */
export function createReadbackRing(
  gpu: Gpu,
  { label, byteLength, count }: { label: string; byteLength: number; count: number },
): ReadbackRing {
  const owner = createOwner()
  const places = Array.from({ length: count }, (_, i) => ({
    readback: owner.own(createReadback(gpu, { label: `${label} ${i}`, byteLength })),
    reading: Promise.resolve<unknown>(undefined),
  }))
  let turn = 0
  return {
    async next() {
      const place = places[turn++ % count] as (typeof places)[number]
      await place.reading
      return {
        buffer: place.readback.buffer,
        read(length) {
          const bytes = place.readback.read(length)
          place.reading = bytes.catch(() => {}) // the reader gets the error
          return bytes
        },
      }
    },
    dispose: () => owner.dispose(),
  }
}
