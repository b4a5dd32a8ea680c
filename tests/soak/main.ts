/**
 * @file `npm run soak -- [--operations N] [--ids N] [--seed S] [--version 4|7]`: random operations until one of the two is
 * reached, or engine and oracle part. `--seed` and `--version` run again what was run before. Each line tells the
 * JavaScript heap after a collection, which is not to grow.
 */

import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type SoakReport, soak } from './soak.ts'

const EVERY = 1000 // operations

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
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const begun = performance.now()
  const say = (report: SoakReport) => {
    collectGarbage() // so that what is left is what is held
    const heapMB = Number((process.memoryUsage().heapUsed / 1e6).toFixed(1))
    const seconds = Math.round((performance.now() - begun) / 1000)
    console.log(JSON.stringify({ seed, version, seconds, heapMB, ...report }))
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
