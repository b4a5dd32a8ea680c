/** @file The documentation covers each entry of the package, and what is packed of it points at nothing that is not. */

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (file: string) => readFileSync(`${root}${file}`, 'utf8')
const { exports } = JSON.parse(read('package.json')) as { exports: Record<string, { types?: string }> }
const { entryPoints } = JSON.parse(read('typedoc.json')) as { entryPoints: string[] }
const published = Object.entries(exports).flatMap(([entry, { types }]) => (types ? [[entry, types] as const] : []))

test('the reference has every entry of the package, under its name', () => {
  const sourceOf = (types: string) => types.replace('./dist/types/', '').replace('.d.ts', '')
  const named = published.map(([, types]) => sourceOf(types)).sort()
  expect(entryPoints.map((file) => file.replace(/(\.d)?\.ts$/, '')).sort()).toEqual(named)
  for (const [entry, types] of published) {
    const file = entryPoints.find((one) => one.startsWith(`${sourceOf(types)}.`)) as string
    expect(read(file), file).toContain(`\n * @module ${entry.replace(/^\./, 'rwkv.js')}\n`)
  }
})

test('what is packed points at nothing that is not packed', () => {
  const said = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root, encoding: 'utf8' })
  const [{ files }] = JSON.parse(said) as [{ files: { path: string }[] }]
  const packed = new Set(files.map(({ path }) => path))
  const texts = [...packed].filter((path) => path.endsWith('.md'))
  expect(texts).toEqual(expect.arrayContaining(['README.md', 'docs/element.md']))
  const links = texts.flatMap((text) =>
    Array.from(read(text).matchAll(/\]\(([^)\s]+)\)|<(?:img|a)[^>]* (?:src|href)="([^"]+)"/g), ([, one, other]) => ({
      text,
      to: (one ?? other ?? '').replace(/#.*/, ''),
    })),
  )
  const inside = links.filter(({ to }) => to !== '' && !/^https?:/.test(to))
  expect(inside.length).toBeGreaterThan(6)
  expect(inside.filter(({ text, to }) => !packed.has(posix.join(posix.dirname(text), to)))).toEqual([])
})
