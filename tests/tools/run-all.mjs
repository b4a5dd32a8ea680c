/**
 * @file `npm test`: one path of each kind, cheapest first. `npm run verify` (`--all`) adds what is long: tests marked
 * `verify`, all that is run in Firefox, and WebKitGTK. First what needs no browser; then two lanes side by side, since
 * neither keeps two cores busy: what runs in node, and what runs in browsers. No step begins once one has failed. Ends
 * with what failed and a line that counts tests; a step without tests of its own counts as one.
 */

import { spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { playwrightCounts, vitestCounts } from './reports.mjs'

const all = process.argv.includes('--all')
if (all) process.env.RWKV_VERIFY = '1' // vitest.config.ts reads it

const reports = mkdtempSync(join(tmpdir(), 'rwkv-reports-'))

const vitest = (project) => [
  'npx',
  'vitest',
  'run',
  '--project',
  project,
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${reports}/${project}.json`,
]

const first = [
  { name: 'browser', command: ['node', 'tests/tools/ensure-browser.mjs'] },
  { name: 'Firefox', command: ['node', 'tests/tools/ensure-firefox.mjs'] },
  { name: 'types', command: ['npm', 'run', '-s', 'check'] },
  { name: 'lint and lock', command: ['npm', 'run', '-s', 'lint'] },
]

const onWasm = {
  name: 'sessions in WebAssembly',
  command: vitest('sessions-on-wasm'),
  count: () => vitestCounts(`${reports}/sessions-on-wasm.json`),
}

const lanes = [
  [
    { name: 'units', command: vitest('node'), count: () => vitestCounts(`${reports}/node.json`) },
    { name: 'gpu', command: vitest('gpu'), count: () => vitestCounts(`${reports}/gpu.json`) },
    onWasm,
  ],
  [
    { name: 'build', command: ['npm', 'run', '-s', 'build'] },
    { name: 'package and sizes', command: ['npm', 'run', '-s', 'size'] },
    {
      name: 'e2e',
      command: [
        'npx',
        'playwright',
        'test',
        '--project=e2e',
        ...(all ? ['--project=verify', '--project=firefox*'] : ['--project=firefox']),
        '--reporter=list,json',
      ],
      env: { PLAYWRIGHT_JSON_OUTPUT_NAME: `${reports}/e2e.json` },
      count: () => playwrightCounts(`${reports}/e2e.json`),
    },
    ...(all
      ? [{ name: 'WebKitGTK', command: vitest('webkit'), count: () => vitestCounts(`${reports}/webkit.json`) }]
      : []),
    { name: 'conformance in Chromium', command: ['npm', 'run', '-s', 'conformance', '--', '--in', 'browser'] },
  ],
]

let passed = 0
let failed = 0
const faults = []
await inOrder(first)
await Promise.all(lanes.map(inOrder))
if (faults.length > 0) console.log(['', 'Failed:', ...faults].join('\n'))
console.log(`\n${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)

async function inOrder(steps) {
  for (const step of steps) {
    if (failed > 0) return
    await run(step)
  }
}

/** What a step prints is shown when it has ended, so that two do not mix. */
async function run({ name, command, env, count }) {
  const start = Date.now()
  const [program, ...args] = command
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    shell: process.platform === 'win32',
  })
  const printed = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => printed.push(part))
  const status = await new Promise((resolve) => child.on('close', resolve).on('error', () => resolve(1)))
  const counts = count?.() ?? { passed: status === 0 ? 1 : 0, failed: 0, faults: [] }
  passed += counts.passed
  failed += counts.failed || (status === 0 ? 0 : 1)
  faults.push(...counts.faults)
  if (status !== 0 && counts.failed === 0) faults.push(`${name}: ended with ${status}`)
  console.log(`\n== ${name}`)
  process.stdout.write(Buffer.concat(printed))
  console.log(`-- ${name}: ${((Date.now() - start) / 1000).toFixed(0)} s`)
}
