/** @file The page in German. It is fetched before the page is made, which waits for it: nothing of it may import the page. */

import { german as labels } from '../../src/element/labels/de.ts'
import { about } from './de/about.ts'
import { bench } from './de/bench.ts'
import { compare } from './de/compare.ts'
import { form } from './de/form.ts'
import { lab } from './de/lab.ts'
import { models } from './de/models.ts'
import { page } from './de/page.ts'
import { settings } from './de/settings.ts'
import { state } from './de/state.ts'
import type { Translation } from './translation.ts'

export const german: Translation = { about, bench, compare, form, lab, labels, models, page, settings, state }
