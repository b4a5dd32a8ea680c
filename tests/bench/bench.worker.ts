/** @file Where everything is measured: one worker, one adapter, all contestants. */

import { expose } from 'comlink'
import { runPlan } from './run-plan.ts'

expose(runPlan)
