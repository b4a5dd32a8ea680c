/**
 * @file `npm run naga`: translates every kernel in every variant as Firefox does it, to SPIR-V, Metal and HLSL, by naga
 * with the values of its overrides; but for those with subgroups, which Firefox does not offer. Prints what is refused;
 * gets naga by cargo where it is not there.
 */

import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { allVariants } from './shader-variants.ts'
import { hasSubgroups } from './wgsl-subset.ts'

const VERSION = '30.0.1'
const targets = { 'SPIR-V': 'spv', Metal: 'metal', HLSL: 'hlsl' }

/** Exit code: 0 if nothing is refused. */
export async function main(): Promise<number> {
  const naga = ensureNaga()
  const variants = (await allVariants()).filter(({ code }) => !hasSubgroups(code))
  const folder = mkdtempSync(join(tmpdir(), 'rwkv-naga-'))
  const source = join(folder, 'kernel.wgsl')
  let refused = 0
  for (const { label, code, constants } of variants) {
    writeFileSync(source, code)
    const overrides = Object.entries(constants).flatMap(([name, value]) => ['--override', `${name}=${value}`])
    for (const [target, ending] of Object.entries(targets)) {
      // With the checks of indices that a browser adds.
      const args = [...overrides, '--index-bounds-check-policy', 'Restrict', source, join(folder, `kernel.${ending}`)]
      const { status, stderr } = spawnSync(naga, args, { encoding: 'utf8' })
      if (status === 0) continue
      refused += 1
      console.log(`REFUSED ${label} to ${target}: ${stderr.trim().split('\n').slice(0, 6).join('\n  ')}`)
    }
  }
  rmSync(folder, { recursive: true })
  const what = `${variants.length} kernels to ${Object.keys(targets).join(', ')}`
  console.log(`${refused} refused of ${what} (naga ${VERSION})`)
  return refused === 0 ? 0 : 1
}

/** The pinned naga: that of the path, or one of our own, built once. */
function ensureNaga(): string {
  const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'rwkv.js', `naga-${VERSION}`)
  const own = join(folder, 'bin', 'naga')
  const isPinned = (path: string) => spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout?.trim() === VERSION
  if (isPinned('naga')) return 'naga'
  if (!existsSync(own)) {
    console.log(`no naga yet: cargo install naga-cli ${VERSION} into ${folder}`)
    const options = ['--version', VERSION, '--locked', '--root', folder]
    execFileSync('cargo', ['install', 'naga-cli', ...options], { stdio: ['ignore', 'ignore', 'inherit'] })
  }
  return own
}
