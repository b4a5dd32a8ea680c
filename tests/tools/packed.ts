/** @file The package as its users get it, and their compilers. */

import { execFileSync } from 'node:child_process'
import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Pack what was built into the folder `place`. @returns the tarball's path */
export function pack(place: string): string {
  const command = ['pack', '--silent', '--pack-destination', place]
  const said = execFileSync('npm', command, { cwd: root, encoding: 'utf8' })
  return join(place, said.trim().split('\n').at(-1) ?? '')
}

/**
 * Pack it, and unpack it into the `modules` of an app, with what it says it depends on. Nothing comes from the network.
 * @returns names of what it depends on
 */
export function installPacked(place: string, modules: string): string[] {
  execFileSync('tar', ['xzf', pack(place), '-C', place])
  cpSync(join(place, 'package'), join(modules, 'rwkv.js'), { recursive: true })
  const { dependencies } = JSON.parse(readFileSync(join(place, 'package/package.json'), 'utf8'))
  const names = Object.keys(dependencies)
  for (const name of names) cpSync(join(root, 'node_modules', name), join(modules, name), { recursive: true })
  return names
}

/** What a compiler says of the project in `folder`: nothing if all is right. @param compiler a script for node */
export function compilerSays(compiler: string, folder: string): string {
  try {
    return execFileSync(process.execPath, [compiler, '-p', folder], { encoding: 'utf8' })
  } catch (error) {
    return String((error as { stdout?: unknown }).stdout)
  }
}
