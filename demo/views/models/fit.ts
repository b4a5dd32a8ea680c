/** @file Which models suit this device, as far as a page can tell. */

import { type CatalogueEntry, type WeightFormat, weightByteLengthOf } from '../../../src/index.ts'
import type { Room } from './gpu-room.ts'

/** What is known of the device. */
export interface Device {
  readonly isPhone: boolean
  /** Computes on the CPU, or on a GPU in software. */
  readonly isSlow: boolean
  readonly room: Room | undefined
}

const FITS_ANYWHERE = 256 * 1024 * 1024

/** Above it a phone is asked: many pay for what they download. */
export const MUCH_BYTES = 500e6

/** Of weights that nobody has measured the room for. */
const LIKELY_BYTES = { phone: 0.4e9, slow: 0.3e9, other: 1e9 }
const MOST_DOWNLOAD_BYTES = { phone: MUCH_BYTES, slow: MUCH_BYTES, other: 4e9 }

/** Whether so many bytes of weights fit. */
export function fitOf(bytes: number, room: Room | undefined): 'fits' | 'does not fit' | 'not tested' {
  if (bytes <= Math.max(FITS_ANYWHERE, room?.given ?? 0)) return 'fits'
  return room?.refused !== undefined && bytes >= room.refused ? 'does not fit' : 'not tested'
}

/** The format that a model is best held in. */
export const formatOf = ({ weights, recommended }: Pick<CatalogueEntry, 'weights' | 'recommended'>): WeightFormat =>
  recommended ?? weights

/** The largest model of the newest family that chats and that the device is likely to take; undefined if there is none. */
export function recommend(
  entries: readonly CatalogueEntry[],
  { isPhone, isSlow, room }: Device,
): CatalogueEntry | undefined {
  const kind = isPhone ? 'phone' : isSlow ? 'slow' : 'other'
  const most = kind === 'other' ? (room?.given ?? LIKELY_BYTES.other) : LIKELY_BYTES[kind]
  return entries
    .filter(({ config }) => config.version === 7)
    .filter((entry) => weightByteLengthOf(entry, formatOf(entry)) <= most)
    .filter(({ byteLength }) => byteLength <= MOST_DOWNLOAD_BYTES[kind])
    .at(-1)
}
