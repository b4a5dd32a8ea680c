/** @file The texts of the view Form. */

import { form } from '../../languages/en/form.ts'
import { inLanguage } from '../../translate.ts'

export const text = inLanguage('form', form)
