/**
 * @file What the JSON reports of vitest and Playwright say: how many tests passed, how many did not, and what those said.
 * A test that did not run counts as failed: a skip hides a hole.
 */

import { readFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'

/** @returns {{ passed: number, failed: number, faults: string[] }} of vitest's report in `file` */
export function vitestCounts(file) {
  const report = read(file)
  if (!report?.numTotalTests) return noReport(file)
  const faults = report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const tests = assertionResults
      .filter((test) => test.status !== 'passed')
      .map((test) => fault(name, test.fullName, test.failureMessages?.join('\n')))
    return tests.length === 0 && status !== 'passed' ? [fault(name, 'the file itself', message)] : tests
  })
  return { passed: report.numPassedTests, failed: report.numTotalTests - report.numPassedTests, faults }
}

/** @returns {{ passed: number, failed: number, faults: string[] }} of Playwright's report in `file` */
export function playwrightCounts(file) {
  const report = read(file)
  if (!report?.stats) return noReport(file)
  const { expected, unexpected, flaky, skipped } = report.stats
  const faults = report.errors.map(({ message }) => fault('Playwright', 'before any test', message))
  return { passed: expected, failed: unexpected + flaky + skipped, faults: [...faults, ...faultsOf(report.suites)] }
}

function faultsOf(suites = []) {
  return suites.flatMap(({ file, specs, suites: inner }) => [
    ...specs
      .filter((spec) => spec.tests.some((test) => test.status !== 'expected'))
      .map((spec) => fault(file, spec.title, spec.tests[0]?.results.at(-1)?.error?.message)),
    ...faultsOf(inner),
  ])
}

function noReport(file) {
  return { passed: 0, failed: 1, faults: [`${file} was not written, or counts no test`] }
}

function fault(file, test, message = 'did not run') {
  const said = stripVTControlCharacters(message).split('\n').slice(0, 12)
  return [`${file}: ${test}`, ...said].join('\n    ')
}

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}
