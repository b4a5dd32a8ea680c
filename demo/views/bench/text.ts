/** @file The texts of the view Bench, and how its numbers are written. */

import { bench } from '../../languages/en/bench.ts'
import { formatShort, labels } from '../../text.ts'
import { inLanguage } from '../../translate.ts'
import type { Setup } from './measure.ts'

export const text = inLanguage('bench', bench)

const whole = new Intl.NumberFormat(labels.locale, { maximumFractionDigits: 0 })
const percent = new Intl.NumberFormat(labels.locale, { style: 'percent', maximumFractionDigits: 0 })

/** Such as "20,000". */
export const formatWhole = (value: number): string => whole.format(value)
/** Such as "63%". */
export const formatShare = (share: number): string => percent.format(share)
/** Such as "12 s". */
export const formatSeconds = (ms: number): string => labels.seconds(whole.format(Math.ceil(ms / 1000)))
/** Such as "12.4 GB/s". */
export const formatRate = (bytesPerSecond: number): string => `${formatShort(bytesPerSecond / 1e9)} GB/s`
/** By its preset, if it has one. */
export const nameOf = ({ preset }: Setup): string => preset ?? 'WebAssembly'
