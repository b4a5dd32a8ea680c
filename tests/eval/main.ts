/**
 * @file `npm run eval -- --model DIR [--text FILE] [--lambada FILE.jsonl] [--json FILE] [--weights f32|f16|q8|q4|auto]`: how well
 * a model predicts a text, and the last words of LAMBADA's passages.
 */

import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { createEngine, type LoadOptions } from '../../src/engine.ts'
import { fileFetch } from '../../src/node/file-fetch.ts'
import { createDawn } from '../tools/dawn.ts'
import { evaluateAll, parseLambada } from './evaluation.ts'

/** Exit code: 0 if it was computed. */
export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      model: { type: 'string' },
      text: { type: 'string' },
      lambada: { type: 'string' },
      json: { type: 'string' },
      weights: { type: 'string', default: 'auto' },
    },
  })
  if (values.model === undefined || (values.text === undefined && values.lambada === undefined)) {
    console.error('npm run eval -- --model DIR --text FILE and/or --lambada FILE.jsonl [--json FILE]')
    return 2
  }
  const text = values.text === undefined ? undefined : await readFile(values.text, 'utf8')
  const passages = values.lambada === undefined ? undefined : parseLambada(await readFile(values.lambada, 'utf8'))

  const engine = createEngine({ gpu: createDawn(), device: 'webgpu', fetch: fileFetch })
  const weights = values.weights as NonNullable<LoadOptions['weights']>
  const model = await engine.loadModel(`${pathToFileURL(resolve(values.model)).href}/`, { weights })
  const start = performance.now()
  const onProgress = (done: number, total: number) => {
    const seconds = ((performance.now() - start) / 1000).toFixed(0)
    process.stderr.write(`\r${done} of ${total} (${((done / total) * 100).toFixed(0)} %), ${seconds} s `)
    if (done === total) process.stderr.write('\n')
  }
  const report = await evaluateAll(model, {
    ...(text !== undefined && { text }),
    ...(passages && { passages }),
    onProgress,
  })
  await engine.dispose()

  for (const [name, value] of Object.entries(report)) if (value !== null) console.log(`${name.padEnd(18)} ${value}`)
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(report)}\n`)
  return 0
}
