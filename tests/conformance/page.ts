/** @file The page of `browser.ts`: the set through the page's API and the worker. */

import type { LoadOptions } from '../../src/core/protocol.ts'
import { loadModel } from '../../src/index.ts'
import { type Plan, runPlan } from './run-set.ts'

const run = (plan: Plan, options: LoadOptions) =>
  runPlan(plan, { urlOf: (file) => `/set/models/${file}`, load: (url) => loadModel(url, options) }, (line) =>
    console.log(line),
  )

Object.assign(globalThis, { run })
document.title = 'ready'
