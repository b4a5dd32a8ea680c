/**
 * @file `node tests/tools/run-ts.mjs tests/browsers/measure.ts NAME COMMAND…` writes into `lacks.json` what the browser NAME
 * lacks, which COMMAND opens at the address behind it; `webkit` in its place drives WebKitGTK. To be run for each browser
 * when TypeScript learns of new names, or the browser is another.
 */

import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { askBrowser, type Open, openInWebKit } from './ask.ts'
import { platformNames, platformStyles } from './used.ts'

const FILE = fileURLToPath(new URL('./lacks.json', import.meta.url))

/** @returns the exit code */
export async function main([name = '', program = '', ...args]: readonly string[]): Promise<number> {
  const openByCommand: Open = async (url) => {
    const child = spawn(program, [...args, url], { stdio: 'ignore' })
    return () => child.kill()
  }
  const wanted = { names: [...platformNames()].sort(), styles: platformStyles() }
  const { names, styles } = await askBrowser(program === 'webkit' ? openInWebKit : openByCommand, wanted)
  const all = JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, object>
  writeFileSync(FILE, `${JSON.stringify({ ...all, [name]: { names: names.join(' '), styles } }, null, 2)}\n`)
  console.log(`${name} lacks ${names.length} names and ${styles.length} styles.`)
  return 0
}
