/** @file The set through `rwkv.js/engine` in node, over Dawn or WebAssembly. */

import { pathToFileURL } from 'node:url'
import { createEngine, type LoadOptions } from '../../src/engine.ts'
import { createDawn } from '../tools/dawn.ts'
import { fileFetch } from '../tools/file-fetch.ts'
import { type Plan, type Results, runPlan } from './run-set.ts'

/** Run `plan` over the models in `folder`/models. */
export async function runInNode(
  folder: string,
  plan: Plan,
  options: LoadOptions,
  log: (line: string) => void,
): Promise<Results> {
  const engine = createEngine({ gpu: createDawn(), fetch: fileFetch })
  const urlOf = (file: string) => `${pathToFileURL(folder).href}/models/${file}`
  try {
    return await runPlan(plan, { urlOf, load: (url) => engine.loadModel(url, options) }, log)
  } finally {
    await engine.dispose()
  }
}
