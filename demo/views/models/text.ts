/** @file The texts of the view Models, and how what it shows is told. */

import type { CatalogueEntry, LoadProgress } from '../../../src/index.ts'
import { models } from '../../languages/en/models.ts'
import { formatBytes, formatProgress, labels } from '../../text.ts'
import { inLanguage } from '../../translate.ts'

export const text = inLanguage('models', models)

const percent = new Intl.NumberFormat(labels.locale, { style: 'percent', maximumFractionDigits: 0 })
const list = new Intl.ListFormat(labels.locale)

/** Such as "12%". */
export const formatShare = (share: number): string => percent.format(share)

/** Such as "1 min 20 s". */
export function formatDuration(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  if (seconds < 60) return labels.seconds(String(seconds))
  const minutes = Math.floor(seconds / 60)
  const inMinutes = labels.minutes(String(minutes % 60))
  return minutes < 60
    ? `${inMinutes} ${labels.seconds(String(seconds % 60))}`
    : `${text.hours(String(Math.floor(minutes / 60)))} ${inMinutes}`
}

/** Such as "3.2 MB of 8.9 MB · 1.4 MB/s · 4 s left"; less while less is known. */
export function formatDownload(progress: LoadProgress): string {
  const { bytesPerSecond, etaMs } = progress
  return [
    formatProgress(progress) || text.asking,
    ...(bytesPerSecond > 0 ? [`${formatBytes(Math.round(bytesPerSecond))}/s`] : []),
    ...(etaMs !== undefined ? [text.left(formatDuration(etaMs))] : []),
  ].join(' · ')
}

/** Such as "in q8", or "most of them in q4_k, the others in q6_k". */
export function sayWeights(formats: string): string {
  const [most = '', ...others] = formats.split(' + ')
  return others.length === 0 ? text.inOne(most) : text.inSeveral(most, list.format(others))
}

/** What a model of the catalogue is called. */
export function sayName({ name }: CatalogueEntry): string {
  const [one = name, isSeveral] = name.split(/ (?=and larger$)/)
  return isSeveral ? text.andLarger(one) : name
}

/** What a model of the catalogue can do, in a sentence. */
export function sayAbout({ name, source, config, weights }: CatalogueEntry): string {
  const [size = ''] = /[\d.]+[BM]\b/.exec(name) ?? []
  if (size === '') return text.builtIn
  if (config.version === 4 && config.V < 65_536) return text.continues(size, weights)
  return /^hf:[^/]+\/[^/]+$/.test(source) ? text.chatsFrom(size, weights) : text.chats(size, weights)
}
