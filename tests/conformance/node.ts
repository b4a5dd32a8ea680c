/** @file The set through `rwkv.js/engine` in node, over Dawn or WebAssembly. */

import { pathToFileURL } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { createEngine } from '../../src/engine.ts'
import { fileFetch } from '../../src/node/file-fetch.ts'
import { nodeThreads } from '../../src/node/threads.ts'
import { createDawn } from '../tools/dawn.ts'
import { loader, type Plan, type Results, type RunOptions, runPlan } from './run-set.ts'

/** Run `plan` over the models in `folder`/models. */
export async function runInNode(
  folder: string,
  plan: Plan,
  options: RunOptions,
  log: (line: string) => void,
): Promise<Results> {
  if (options.simd === 'relaxed') setFlagsFromString('--experimental-wasm-relaxed-simd') // which node 20 has behind it
  const engine = createEngine({ gpu: createDawn(), fetch: fileFetch, threads: nodeThreads })
  const urlOf = (file: string) => `${pathToFileURL(folder).href}/models/${file}`
  try {
    return await runPlan(plan, { urlOf, load: loader(engine.loadModel, options) }, log)
  } finally {
    await engine.dispose()
  }
}
