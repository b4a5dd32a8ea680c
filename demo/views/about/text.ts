/** @file The texts of the view About. */

import { about } from '../../languages/en/about.ts'
import { inLanguage } from '../../translate.ts'

export const text = inLanguage('about', about)
