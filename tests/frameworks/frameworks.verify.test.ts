/** @file Types of `<rwkv-chat>` under the compilers of frameworks, which are installed here when they are first needed. */

import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compilerSays, installPacked } from '../tools/packed.ts'

const here = fileURLToPath(new URL('.', import.meta.url))

let place = ''

/** The package as npm packs it, among the frameworks. */
beforeAll(() => {
  if (!existsSync(join(here, 'node_modules'))) execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: here })
  place = mkdtempSync(join(tmpdir(), 'rwkv-frameworks-'))
  cpSync(join(here, 'apps'), place, { recursive: true })
  cpSync(join(here, 'node_modules'), join(place, 'node_modules'), { recursive: true, verbatimSymlinks: true })
  installPacked(place, join(place, 'node_modules'))
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
    expect(compilerSays(join(place, 'node_modules/.bin', compiler), place)).toBe('')
  },
)
