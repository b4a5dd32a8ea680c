/** @file Room for models: what those of one engine take together, and which of them goes when another needs the place. */

import { RwkvError } from '../core/errors.ts'
import type { LoadOptions, Model } from '../core/protocol.ts'

/** A loaded model. */
export interface Tenant {
  readonly name: string
  readonly dispose: Model['dispose']
  /** Bytes of GPU memory now. */
  readonly byteLength: () => number
  /** Grows with each use of any model. */
  usedAt: number
}

/** The models of an engine. */
export interface Room {
  /** A model moves in; it moves out by the function that this gives. */
  add(tenant: Tenant): () => void
  /**
   * See to it that another model of `byteLength` fits the budget, if there is one.
   * @returns what gives the room back, once the model has moved in or will not come
   * @throws RwkvError `gpu/limits` if it cannot; nothing has been disposed then
   */
  make(wanted: { readonly name: string; readonly byteLength: number }, options: RoomOptions): Promise<() => void>
}

/** What a load says of room. */
export type RoomOptions = Pick<LoadOptions, 'budgetByteLength' | 'evict'>

/** No models yet. */
export function createRoom(): Room {
  const tenants = new Set<Tenant>()
  let promised = 0 // bytes, to models that are being loaded
  const taken = () => Array.from(tenants).reduce((sum, { byteLength }) => sum + byteLength(), promised)
  return {
    add(tenant) {
      tenants.add(tenant)
      return () => tenants.delete(tenant)
    },
    async make({ name, byteLength }, { budgetByteLength = Infinity, evict }) {
      const least = (evict ? promised : taken()) + byteLength
      if (least > budgetByteLength)
        throw new RwkvError(
          'gpu/limits',
          `${name} takes ${byteLength} bytes, and the models that are loaded take ${taken()}; the budget is ${budgetByteLength} bytes. Dispose a model, load with evict: 'least-recently-used', or raise budgetByteLength.`,
        )
      const byUse = Array.from(tenants).sort((a, b) => a.usedAt - b.usedAt)
      promised += byteLength
      for (const tenant of byUse) if (taken() > budgetByteLength) await tenant.dispose()
      return () => {
        promised -= byteLength
      }
    },
  }
}
