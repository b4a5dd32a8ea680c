/** @file The page in Chinese, in simplified characters. It is fetched before the page is made, which waits for it: nothing of it may import the page. */

import { chinese as labels } from '../../src/element/labels/zh.ts'
import type { Translation } from './translation.ts'
import { about } from './zh/about.ts'
import { bench } from './zh/bench.ts'
import { compare } from './zh/compare.ts'
import { form } from './zh/form.ts'
import { lab } from './zh/lab.ts'
import { models } from './zh/models.ts'
import { page } from './zh/page.ts'
import { settings } from './zh/settings.ts'
import { state } from './zh/state.ts'

export const chinese: Translation = { about, bench, compare, form, lab, labels, models, page, settings, state }
