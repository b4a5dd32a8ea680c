/** @file The page of `browser.ts`: the set through the page's API and the worker. */

import { loadModel } from '../../src/index.ts'
import { loader, type Plan, type RunOptions, runPlan } from './run-set.ts'

const run = (plan: Plan, options: RunOptions) =>
  runPlan(plan, { urlOf: (file) => `/set/models/${file}`, load: loader(loadModel, options) }, (line) =>
    console.log(line),
  )

Object.assign(globalThis, { run })
document.title = 'ready'
