/** @file End-to-end tests: the built demo on software WebGPU, in headless Chromium and in Firefox. */

import { existsSync } from 'node:fs'
import { defineConfig } from '@playwright/test'
import { browserFlags } from './tests/tools/browser.ts'
import { ensureBrowser } from './tests/tools/ensure-browser.mjs'
import { firefoxOptions, lavapipe } from './tests/tools/firefox.ts'

/** Another one where this is taken. */
const port = Number(process.env.PREVIEW_PORT ?? 4173)

export default defineConfig({
  testDir: 'tests/e2e',
  testMatch: '*.e2e.ts',
  workers: 1,
  timeout: 90_000,
  expect: { timeout: 30_000 },
  forbidOnly: true,
  reporter: 'list',
  use: {
    baseURL: `http://localhost:${port}/`,
    launchOptions: { executablePath: ensureBrowser(), args: [...browserFlags] },
  },
  // `@verify`: long, and not the only test of its kind; run by `npm run verify`. `@large`: loads hundreds of megabytes and
  // measures memory, so nothing may run beside it; run by `npm run e2e:large`. `@examples`: installs what the examples ask
  // npm for; run by `npm run examples`.
  projects: [
    { name: 'e2e', grepInvert: /@large|@verify|@examples/ },
    { name: 'verify', grep: /@verify/ },
    { name: 'large', grep: /@large/ },
    { name: 'examples', grep: /@examples/ },
    // Of the tests above, by their tags: one path of each kind; what else may differ; without WebGPU; and on another adapter.
    { name: 'firefox', grep: /@firefox( |$)/, ...inFirefox() },
    { name: 'firefox-verify', grep: /@firefox-verify/, ...inFirefox() },
    { name: 'firefox-cpu', grep: /@firefox-cpu/, ...inFirefox({ hasWebGpu: false }) },
    ...(existsSync(lavapipe)
      ? [{ name: 'firefox-lavapipe', grep: /@adapters/, ...inFirefox({ driver: lavapipe }) }]
      : []),
  ],
  webServer: { command: 'npm run preview', port, stdout: 'ignore' },
})

function inFirefox(options?: Parameters<typeof firefoxOptions>[0]) {
  return { use: { browserName: 'firefox', launchOptions: firefoxOptions(options) } } as const
}
