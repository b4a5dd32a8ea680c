/** @file The texts of the view Lab, and how its numbers are written. */

import { lab } from '../../languages/en/lab.ts'
import { labels } from '../../text.ts'
import { inLanguage } from '../../translate.ts'

export const text = inLanguage('lab', lab)

const percent = new Intl.NumberFormat(labels.locale, { style: 'percent', maximumFractionDigits: 1 })

/** Such as "4.2%"; what is less than a thousandth says so. */
export const formatProbability = (p: number): string =>
  p < 0.001 ? text.under(percent.format(0.001)) : percent.format(p)
