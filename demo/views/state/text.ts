/** @file The texts of the view State, and how its numbers are written. */

import { state } from '../../languages/en/state.ts'
import { formatCount, formatShort, labels } from '../../text.ts'
import { inLanguage } from '../../translate.ts'

export const text = inLanguage('state', state)

const percent = new Intl.NumberFormat(labels.locale, { style: 'percent', maximumFractionDigits: 1 })

/** Such as "0.0123"; what is too small to tell is 0. */
export const formatValue = (value: number): string => formatShort(Math.abs(value) < 1e-6 ? 0 : value)
/** Such as "12.5%". */
export const formatShare = (share: number): string => percent.format(share)
/** Half-lives in tokens, which reach from parts of a token to more than any text has. */
export const formatTokens = (tokens: number): string =>
  tokens >= 1e6 ? text.over(formatCount(1e6)) : formatShort(tokens < 0.001 ? 0 : tokens)
