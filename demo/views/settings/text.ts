/** @file The texts of the settings. */

import { settings } from '../../languages/en/settings.ts'
import { inLanguage } from '../../translate.ts'

export const text = inLanguage('settings', settings)
