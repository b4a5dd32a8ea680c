/** @file The packages of the peers: in a folder of their own, installed when they are first needed. */

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('.', import.meta.url))

/** `npm ci` here, unless it has been done. @throws Error if it fails */
export function installPeers(): void {
  if (existsSync(`${folder}node_modules`)) return
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (status !== 0) throw new Error(`npm ci in ${folder} ended with ${status}; run it by hand, or leave out the peers`)
}

/** Exact versions, by package. */
export function peerVersions(): Readonly<Record<string, string>> {
  return JSON.parse(readFileSync(`${folder}package.json`, 'utf8')).dependencies
}

/** Whether a contestant is not ours. */
export function isPeer(name: string): boolean {
  return /^(ort|jax|(prefill-)?wllama)-/.test(name)
}
