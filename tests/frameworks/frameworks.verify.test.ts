/** @file Types of `<rwkv-chat>` under the compilers of frameworks, which are installed here when they are first needed. */

import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = fileURLToPath(new URL('../../', import.meta.url))

let place = ''

/** The package as npm packs it, among the frameworks. */
beforeAll(() => {
  if (!existsSync(join(here, 'node_modules'))) execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: here })
  place = mkdtempSync(join(tmpdir(), 'rwkv-frameworks-'))
  const pack = ['pack', '--silent', '--pack-destination', place]
  const tarball = execFileSync('npm', pack, { cwd: root, encoding: 'utf8' }).trim().split('\n').at(-1) ?? ''
  execFileSync('tar', ['xzf', join(place, tarball), '-C', place])
  cpSync(join(here, 'apps'), place, { recursive: true })
  cpSync(join(here, 'node_modules'), join(place, 'node_modules'), { recursive: true, verbatimSymlinks: true })
  cpSync(join(root, 'node_modules/comlink'), join(place, 'node_modules/comlink'), { recursive: true })
  cpSync(join(place, 'package'), join(place, 'node_modules/rwkv.js'), { recursive: true })
}, 120_000)

afterAll(() => rmSync(place, { recursive: true, force: true }))

test.each([
  { framework: 'React 19', app: 'react.tsx', compiler: 'tsc', jsx: 'react-jsx', jsxImportSource: 'react' },
  { framework: 'Preact', app: 'preact.tsx', compiler: 'tsc', jsx: 'react-jsx', jsxImportSource: 'preact' },
  { framework: 'Solid', app: 'solid.tsx', compiler: 'tsc', jsx: 'preserve', jsxImportSource: 'solid-js' },
  { framework: 'Vue', app: 'chat-page.vue', compiler: 'vue-tsc', jsx: 'preserve', jsxImportSource: 'vue' },
])(
  'in $framework properties and events are typed, and what is wrong is refused',
  { timeout: 60_000 },
  ({ app, compiler, framework: _, ...jsx }) => {
    const compilerOptions = {
      ...{ strict: true, noEmit: true, skipLibCheck: false, types: [], ...jsx },
      ...{ target: 'ES2023', module: 'ESNext', moduleResolution: 'bundler' },
      lib: ['ES2023', 'ESNext.Disposable', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'],
    }
    const config = { compilerOptions, files: [app], vueCompilerOptions: { strictTemplates: true } }
    writeFileSync(join(place, 'tsconfig.json'), JSON.stringify(config))
    const bin = join(place, 'node_modules/.bin', compiler)
    const said = (() => {
      try {
        return execFileSync(bin, ['-p', place], { encoding: 'utf8' })
      } catch (error) {
        return String((error as { stdout?: unknown }).stdout)
      }
    })()
    expect(said).toBe('')
  },
)
