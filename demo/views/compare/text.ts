/** @file The texts of the view that compares answers. */

import { compare } from '../../languages/en/compare.ts'
import { inLanguage } from '../../translate.ts'

export const text = inLanguage('compare', compare)
