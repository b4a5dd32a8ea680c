/**
 * @file `npm run bench -- [--shape tiny|169m|0.1b] [--device webgpu|wasm] [--rounds N] [--only a,b] [--json FILE]`: rwkv.js against
 * what the device can do and against other runtimes, in headless Chromium. Prints a table; writes what was found as JSON and, beside it, a
 * plot. `--only` takes names of contestants, ratios and figures, which bring the contestants they need.
 */

import { spawnSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import type { DeviceName } from '../../src/core/protocol.ts'
import { openBenchBrowser } from './browser.ts'
import { installPeers, isPeer, peerVersions } from './peers.ts'
import { plotOf } from './plot.ts'
import { contestantsFor } from './ratios.ts'
import { compileReadProbe } from './read-probe.mjs'
import { reportOf, tableOf } from './report.ts'
import { summarize } from './statistics.ts'
import { isShape } from './workload.ts'

const isDevice = (name: string): name is DeviceName => name === 'webgpu' || name === 'wasm'

/** Exit code: 0 if everything was right and measured. */
export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      shape: { type: 'string', default: 'tiny' },
      device: { type: 'string', default: 'webgpu' },
      rounds: { type: 'string', default: '5' },
      only: { type: 'string' },
      json: { type: 'string', default: 'test-results/bench.json' },
    },
  })
  const { shape, device } = values
  const rounds = Number(values.rounds)
  if (!isShape(shape) || !isDevice(device) || !(Number.isInteger(rounds) && rounds > 0)) {
    console.error(
      'npm run bench -- [--shape tiny|169m|0.1b] [--device webgpu|wasm] [--rounds N] [--only a,b] [--json FILE]',
    )
    return 2
  }
  const only = values.only === undefined ? undefined : contestantsFor(values.only.split(','))
  if (!only || only.some(isPeer)) installPeers()
  const load = loadavg()[0] ?? 0
  const browser = await openBenchBrowser((line) => console.error(line))
  try {
    const found = await browser.run({ shape, device, probe: [...(await compileReadProbe())], rounds, only })
    const tinyReadyMs = !only || only.includes('tinyReadyMs') ? summarize(await browser.readyMs()) : undefined
    const report = reportOf(found, {
      shape,
      rounds,
      tinyReadyMs,
      load: [load, loadavg()[0] ?? 0],
      commit: spawnSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).stdout.trim(),
      versions: { chromium: browser.version, ...peerVersions() },
    })
    console.log(tableOf(report))
    await mkdir(dirname(values.json), { recursive: true })
    await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`)
    await writeFile(values.json.replace(/(\.json)?$/, '.svg'), plotOf(report))
    return 0
  } finally {
    await browser.close()
  }
}
