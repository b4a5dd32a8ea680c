/**
 * @file Low-rank matrices that a converter has turned, as web-rwkv's does: its `.st` are safetensors with official names,
 * and nothing in them says it but shapes.
 */

import { RwkvError } from '../core/errors.ts'
import type { UnreadableTensor } from '../file/checkpoint.ts'
import { type OfficialTensors, turned } from './names.ts'
import type { LowRankNames } from './version.ts'

/**
 * The tensors with official shapes, whichever way round the low-rank matrices lie. Decided once for all of them: single
 * ones may be square.
 * @throws RwkvError `model/tensor-shape` where nothing tells
 */
export function unturn(file: string, { readable, all }: OfficialTensors, lowRank: LowRankNames): OfficialTensors {
  if (!areTurned(file, all, lowRank)) return { readable, all }
  const turn = <T extends UnreadableTensor>(entries: ReadonlyMap<string, T>) =>
    new Map(Array.from(entries, ([name, entry]) => [name, lowRank.pattern.test(name) ? turned(entry) : entry]))
  return { readable: turn(readable), all: turn(all) }
}

function areTurned(file: string, all: OfficialTensors['all'], { telling }: LowRankNames): boolean {
  const emb = all.get('emb.weight')
  const first = telling.flatMap((name) => all.get(name) ?? [])
  const oblong = first.find(({ shape: [rows, columns] }) => rows !== columns)
  if (oblong) return oblong.shape[1] === emb?.shape[1]
  if (first.length === 0 || emb?.dtype !== 'F16') return false // web-rwkv's converter writes F16
  throw new RwkvError(
    'model/tensor-shape',
    `${file}: ${first.map(({ name }) => name).join(', ')} are square, so it cannot be told whether they were turned, as web-rwkv's converter does. Take the file it was converted from.`,
  )
}
