/**
 * @file A Chromium for the tests: finds one or installs one. `node tests/tools/ensure-browser.mjs` prints which.
 */

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright'
import { installByApt, runInstaller } from './install.mjs'

const usualPlaces = {
  linux: ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/usr/bin/google-chrome-stable'],
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ],
  win32: [
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
  ],
}

/**
 * Path of a browser that is already here: CHROME_PATH, then a system one, then Playwright's own.
 * @returns {string | undefined}
 */
export function findBrowser() {
  const { CHROME_PATH } = process.env
  if (CHROME_PATH && !existsSync(CHROME_PATH)) throw new Error(`CHROME_PATH is ${CHROME_PATH}, where there is no file.`)
  const places = [CHROME_PATH, ...(usualPlaces[process.platform] ?? []), chromium.executablePath()]
  return places.find((place) => place && existsSync(place))
}

/**
 * Path of a browser, installed first if there is none.
 * @returns {string}
 */
export function ensureBrowser() {
  for (const install of [() => {}, installByPlaywright, () => installByApt('chromium')]) {
    install()
    const found = findBrowser()
    if (found) return found
  }
  throw new Error('No Chromium was found or could be installed. Install Chrome or Chromium, or set CHROME_PATH to one.')
}

function installByPlaywright() {
  const cli = new URL('./cli.js', import.meta.resolve('playwright/package.json'))
  runInstaller(process.execPath, [fileURLToPath(cli), 'install', 'chromium'], 60_000)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(`browser: ${ensureBrowser()}`)
