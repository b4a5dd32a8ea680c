/**
 * @file `npm test`: everything that must hold, cheapest first, stopping at the first step that fails. Ends with a line
 * that counts tests; a step without tests of its own counts as one.
 */

import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'

const reports = 'test-results/reports'
rmSync(reports, { recursive: true, force: true })
mkdirSync(reports, { recursive: true })

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

const steps = [
  { name: 'browser', command: ['node', 'tests/tools/ensure-browser.mjs'] },
  { name: 'types', command: ['npm', 'run', '-s', 'check'] },
  { name: 'lint and lock', command: ['npm', 'run', '-s', 'lint'] },
  { name: 'units', command: vitest('node'), count: () => vitestCounts('node') },
  { name: 'gpu', command: vitest('gpu'), count: () => vitestCounts('gpu') },
  { name: 'build', command: ['npm', 'run', '-s', 'build'] },
  { name: 'package and sizes', command: ['npm', 'run', '-s', 'size'] },
  {
    name: 'e2e',
    command: ['npx', 'playwright', 'test', '--project=e2e', '--reporter=list,json'],
    env: { PLAYWRIGHT_JSON_OUTPUT_NAME: `${reports}/e2e.json` },
    count: playwrightCounts,
  },
  { name: 'conformance in Chromium', command: ['npm', 'run', '-s', 'conformance', '--', '--in', 'browser'] },
]

let passed = 0
let failed = 0
for (const { name, command, env, count } of steps) {
  console.log(`\n== ${name}`)
  const start = Date.now()
  const [program, ...args] = command
  const { status } = spawnSync(program, args, {
    stdio: 'inherit',
    env: { ...process.env, ...env },
    shell: process.platform === 'win32',
  })
  const counts = count ? count(status) : { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1 }
  passed += counts.passed
  failed += counts.failed
  console.log(`-- ${name}: ${((Date.now() - start) / 1000).toFixed(0)} s`)
  if (status !== 0) {
    failed ||= 1
    break
  }
}
console.log(`\n${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)

/** Tests that did not run count as failed: a skip hides a hole. */
function vitestCounts(project) {
  const report = readReport(`${project}.json`)
  const total = report?.numTotalTests ?? 0
  const good = report?.numPassedTests ?? 0
  return { passed: good, failed: Math.max(total - good, total === 0 ? 1 : 0) }
}

function playwrightCounts() {
  const stats = readReport('e2e.json')?.stats
  const good = stats?.expected ?? 0
  return { passed: good, failed: stats ? stats.unexpected + stats.flaky + stats.skipped : 1 }
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(`${reports}/${file}`, 'utf8'))
  } catch {
    return undefined
  }
}
