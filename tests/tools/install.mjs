/** @file Programs that the tests need and that are not here yet. Whether an installation worked is seen by looking again. */

import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const APT_MS = 300_000

/** A step that fails is told of, and followed by the next. */
export function runInstaller(command, args, timeout) {
  console.log(`not here yet: ${command} ${args.join(' ')}`)
  try {
    execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'], timeout })
  } catch (error) {
    console.log(String(error.message ?? error).split('\n')[0])
  }
}

/** Install packages of Debian, as root alone. */
export function installByApt(...packages) {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return
  runInstaller('apt-get', ['update', '-qq'], APT_MS)
  runInstaller('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], APT_MS)
}
