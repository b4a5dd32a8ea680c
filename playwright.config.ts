/** @file End-to-end tests: the built demo in headless Chromium on software WebGPU. */

import { defineConfig } from '@playwright/test'
import { browserFlags } from './tests/tools/browser.ts'
import { ensureBrowser } from './tests/tools/ensure-browser.mjs'

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
  // measures memory, so nothing may run beside it; run by `npm run e2e:large`.
  projects: [
    { name: 'e2e', grepInvert: /@large|@verify/ },
    { name: 'verify', grep: /@verify/ },
    { name: 'large', grep: /@large/ },
  ],
  webServer: { command: 'npm run preview', port, stdout: 'ignore' },
})
