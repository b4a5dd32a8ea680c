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
  // What weighs hundreds of megabytes and measures memory wants the machine for itself: `npm run e2e:large`.
  projects: [
    { name: 'e2e', grepInvert: /@large/ },
    { name: 'large', grep: /@large/ },
  ],
  webServer: { command: 'npm run preview', port, stdout: 'ignore' },
})
