/**
 * @file A Firefox for the tests, as its users have it: finds one or installs one.
 * `node tests/tools/ensure-firefox.mjs` prints which.
 */

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { installByApt } from './install.mjs'

const usualPlaces = ['/usr/bin/firefox-esr', '/usr/bin/firefox', '/Applications/Firefox.app/Contents/MacOS/firefox']

/**
 * Path of a Firefox that is already here: FIREFOX_PATH, or a system one.
 * @returns {string | undefined}
 */
export function findFirefox() {
  return [process.env.FIREFOX_PATH, ...usualPlaces].find((place) => place && existsSync(place))
}

/**
 * Path of a Firefox, installed first if there is none.
 * @returns {string}
 */
export function ensureFirefox() {
  if (!findFirefox()) installByApt('firefox-esr')
  const found = findFirefox()
  if (!found) throw new Error('No Firefox was found or could be installed. Install it, or set FIREFOX_PATH to one.')
  return found
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(`Firefox: ${ensureFirefox()}`)
