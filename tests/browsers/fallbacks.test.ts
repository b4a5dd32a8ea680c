import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { fallbacks } from './fallbacks.ts'
import { isAnswered, type Lacks, lackedOf } from './rule.ts'
import { usedInScripts, usedInStyles } from './used.ts'

const lacks: Readonly<Record<string, Lacks>> = JSON.parse(
  readFileSync(new URL('./lacks.json', import.meta.url), 'utf8'),
)
const browsers = Object.keys(lacks)
const used = { scripts: usedInScripts(), styles: usedInStyles() }

describe('what a browser lacks', () => {
  test.each(browsers)('of what is used, in %s, has an entry in fallbacks.ts', (browser) => {
    expect(lackedOf(used, lacks[browser]).filter((part) => !isAnswered(part))).toEqual([])
  })

  test('an entry is of something that is used and that a browser lacks', () => {
    const lacked = new Set(browsers.flatMap((browser) => lackedOf(used, lacks[browser])))
    for (const { what, parts, instead } of fallbacks) {
      expect(
        parts.match(/[a-z-]+: \S+|\S+/g)?.filter((part) => !lacked.has(part)),
        what,
      ).toEqual([])
      expect(instead).toMatch(/\.$/)
    }
  })

  test.each([
    ['a global', 'const watcher = new CloseWatcher()', 'CloseWatcher'],
    ['a member', 'addEventListener("idle", () => globalThis.requestIdleCallback(go))', 'requestIdleCallback'],
    [
      'a member behind a cast',
      'await (navigator as unknown as Files).storage.showOpenFilePicker()',
      'showOpenFilePicker',
    ],
  ])('%s without an entry is refused', (_, text, part) => {
    const planted = { scripts: usedInScripts([text]), styles: usedInStyles([]) }
    const found = browsers.flatMap((browser) => lackedOf(planted, lacks[browser]))
    expect(found.filter((one) => !isAnswered(one))).toContain(part)
  })

  test.each([
    ['a property', 'main { animation-timeline: scroll(); }', 'animation-timeline'],
    ['a value', 'main {\n  width: stretch;\n}', 'width: stretch'],
    ['a pseudo-class', 'details:open { color: red; }', ':open'],
  ])('%s of a style without an entry is refused', (_, css, part) => {
    const planted = { scripts: [], styles: usedInStyles([css]) }
    const found = browsers.flatMap((browser) => lackedOf(planted, lacks[browser]))
    expect(found.filter((one) => !isAnswered(one))).toContain(part)
  })
})
