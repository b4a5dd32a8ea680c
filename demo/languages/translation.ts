/** @file What every language says: as much as English. */

import type { RwkvChatLabels } from '../../src/element/labels/labels.ts'
import type { about } from './en/about.ts'
import type { bench } from './en/bench.ts'
import type { compare } from './en/compare.ts'
import type { form } from './en/form.ts'
import type { lab } from './en/lab.ts'
import type { models } from './en/models.ts'
import type { page } from './en/page.ts'
import type { settings } from './en/settings.ts'
import type { state } from './en/state.ts'

/** All texts of the page in one language; English is apart by views, with whose code it comes. */
export interface Translation {
  readonly about: typeof about
  readonly bench: typeof bench
  readonly compare: typeof compare
  readonly form: typeof form
  readonly lab: typeof lab
  /** Of the element. */
  readonly labels: RwkvChatLabels
  readonly models: typeof models
  readonly page: typeof page
  readonly settings: typeof settings
  readonly state: typeof state
}
