/**
 * @file `npm run conformance -- --set DIR --out FILE [--in browser|firefox|node] [--models a,b] [--weights f32|f16|auto] [--device webgpu|wasm]
 * [--simd plain|relaxed] [--threads N] [--world-vocab FILE] [--tokenizer-json FILE]`: runs a
 * set, writes what was computed, compares it with the set, prints a line a model, and exits 1 on any miss.
 */

import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { launchBrowser } from '../tools/browser.ts'
import { launchFirefox } from '../tools/firefox.ts'
import { fileOf, goldenFolder, readSet } from '../tools/golden.ts'
import { runInBrowser } from './browser.ts'
import { compare } from './compare.ts'
import { runInNode } from './node.ts'
import { planOf, type RunOptions } from './run-set.ts'
import { compareText, runText } from './text-cases.ts'

/** Exit code: 0 if everything is within its limits. */
export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      set: { type: 'string', default: goldenFolder },
      out: { type: 'string' },
      in: { type: 'string', default: 'browser' },
      models: { type: 'string' },
      weights: { type: 'string' },
      device: { type: 'string', default: 'webgpu' },
      simd: { type: 'string' },
      threads: { type: 'string' },
      'world-vocab': { type: 'string' },
      'tokenizer-json': { type: 'string' },
    },
  })
  const folder = resolve(values.set)
  const set = await readSet(folder)
  const plan = planOf(set, (model) => fileOf(set, model), values.models?.split(','))
  const { simd, threads } = values
  if (simd !== undefined && simd !== 'plain' && simd !== 'relaxed')
    throw new Error(`--simd is ${simd}; expected plain or relaxed`)
  const run = {
    browser: runInBrowser.bind(undefined, launchBrowser),
    firefox: runInBrowser.bind(undefined, launchFirefox),
    node: runInNode,
  }[values.in]
  if (!run) throw new Error(`--in is ${values.in}; expected browser, firefox or node`)
  const options = {
    device: values.device,
    ...(simd && { simd }),
    ...(threads && { threads: Number(threads) }),
    ...(values.weights && { weights: values.weights }),
  } as RunOptions
  const results = await run(folder, plan, options, (line) => console.error(line))
  const text = await runText(set, { worldVocab: values['world-vocab'], tokenizerJson: values['tokenizer-json'] })
  if (values.out) await writeFile(values.out, JSON.stringify({ ...results, ...text }))

  const verdicts = [...compare(set, results, plan), ...compareText(set, text)]
  for (const { name, ratio, misses } of verdicts) {
    console.log(
      `${misses.length === 0 ? 'ok  ' : 'MISS'} ${name.padEnd(44)} worst error ${ratio.toFixed(3)} of its limit`,
    )
    for (const miss of misses) console.log(`       ${miss}`)
  }
  const missed = verdicts.filter(({ misses }) => misses.length > 0).length
  console.log(
    `${verdicts.length - missed} of ${verdicts.length} within their limits (${[values.in, values.device, simd, threads && `${threads} threads`].filter(Boolean).join(', ')})`,
  )
  return missed === 0 ? 0 : 1
}
