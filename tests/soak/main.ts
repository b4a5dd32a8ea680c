/**
 * @file `npm run soak -- [--operations N] [--ids N] [--seed S] [--version 4|7]`: random operations until one of the two is
 * reached, or engine and oracle part. `--seed` and `--version` run again what was run before.
 */

import { parseArgs } from 'node:util'
import { type SoakReport, soak } from './soak.ts'

const EVERY = 100 // operations

/** Exit code: 0 if engine and oracle agreed to the end. */
export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      operations: { type: 'string', default: 'Infinity' },
      ids: { type: 'string', default: '1000000' },
      seed: { type: 'string' },
      version: { type: 'string', default: '4' },
    },
  })
  const seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed)
  const version = values.version === '7' ? 7 : 4
  const begun = performance.now()
  const say = (report: SoakReport) => {
    const heap = process.memoryUsage().heapUsed
    const seconds = Math.round((performance.now() - begun) / 1000)
    console.log(JSON.stringify({ seed, version, seconds, heapMB: Math.round(heap / 1e6), ...report }))
  }
  const onOperation = (report: SoakReport) => {
    if (report.operations % EVERY === 0) say(report)
  }
  try {
    const limits = { operations: Number(values.operations), ids: Number(values.ids) }
    say(await soak({ ...limits, seed, version, onOperation }))
    return 0
  } catch (error) {
    console.error(error)
    return 1
  }
}
