/** @file `npm run fuzz -- --runs N [--seed S] [--only gguf]`: mutations of model files, until one is neither read nor refused. */

import { parseArgs } from 'node:util'
import { fuzz } from './fuzz.ts'

/** Exit code: 0 if every law held. */
export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { runs: { type: 'string', default: '20000' }, seed: { type: 'string' }, only: { type: 'string' } },
  })
  const total = Number(values.runs)
  const seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed)
  const sums = new Map<string, number>()
  let slowestMs = 0
  const start = performance.now()
  let most = 0
  for (let done = 0; done < total; done += 20_000) {
    const runs = Math.min(20_000, total - done)
    const report = await fuzz({ runs, seed: seed + done, ...(values.only && { only: values.only }) })
    slowestMs = Math.max(slowestMs, report.slowestMs)
    for (const [target, outcomes] of Object.entries(report.outcomes)) {
      for (const [outcome, count] of Object.entries(outcomes)) {
        const key = `${target.padEnd(20)} ${outcome}`
        sums.set(key, (sums.get(key) ?? 0) + count)
      }
    }
    const heap = process.memoryUsage().heapUsed
    most = Math.max(most, heap)
    if ((done / 20_000) % 10 === 0) console.error(`${done + runs} of ${total}, heap ${(heap / 1e6).toFixed(0)} MB`)
  }
  for (const [key, count] of [...sums].sort(([a], [b]) => (a < b ? -1 : 1))) console.log(`${key.padEnd(48)} ${count}`)
  console.log(
    `${total} runs from seed ${seed} in ${((performance.now() - start) / 1000).toFixed(0)} s; slowest ${slowestMs.toFixed(0)} ms; heap at most ${(most / 1e6).toFixed(0)} MB`,
  )
  return 0
}
