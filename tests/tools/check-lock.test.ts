import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { findLockFaults } from './check-lock.mjs'

const readJson = (file: string) => JSON.parse(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'))

const manifest = { dependencies: { comlink: '4.4.2' }, devDependencies: { '@biomejs/biome': '2.5.15' } }
const PLATFORMS = { '@biomejs/cli-linux-x64': '2.5.15', '@biomejs/cli-darwin-arm64': '2.5.15' }
const lock = {
  lockfileVersion: 3,
  packages: {
    '': manifest,
    'node_modules/comlink': {},
    'node_modules/@biomejs/biome': { optionalDependencies: PLATFORMS },
    'node_modules/@biomejs/cli-linux-x64': {},
    'node_modules/@biomejs/cli-darwin-arm64': {},
  },
}
const withPackages = (changed: Record<string, object | undefined>) => ({
  ...lock,
  packages: Object.fromEntries(Object.entries({ ...lock.packages, ...changed }).filter(([, entry]) => entry)),
})

describe('findLockFaults', () => {
  test('a sound lock has none', () => {
    expect(findLockFaults(manifest, lock)).toEqual([])
  })

  test('a platform package without an entry is named, with who wants it', () => {
    expect(findLockFaults(manifest, withPackages({ 'node_modules/@biomejs/cli-darwin-arm64': undefined }))).toEqual([
      'package-lock.json: node_modules/@biomejs/biome names @biomejs/cli-darwin-arm64, which has no entry',
    ])
  })

  test('an entry counts where node would find it: beside the package or above it, not below another', () => {
    const nested = 'node_modules/vite/node_modules/rollup'
    const named = { [nested]: { optionalDependencies: { fsevents: '~2.3.3' } } }
    for (const path of [
      `${nested}/node_modules/fsevents`,
      'node_modules/vite/node_modules/fsevents',
      'node_modules/fsevents',
    ])
      expect(findLockFaults(manifest, withPackages({ ...named, [path]: {} }))).toEqual([])
    for (const path of ['node_modules/playwright/node_modules/fsevents', 'node_modules/my-fsevents'])
      expect(findLockFaults(manifest, withPackages({ ...named, [path]: {} }))).toHaveLength(1)
  })

  test("the project's own optional packages count too", () => {
    const own = withPackages({ '': { optionalDependencies: { webgpu: '0.6.2' } } })
    expect(findLockFaults(manifest, own)).toEqual(['package-lock.json: the project names webgpu, which has no entry'])
  })

  test.each([
    '^4.4.2',
    '~4.4.2',
    '4.4',
    '4.x',
    '*',
    'latest',
    '>=4.4.2',
    '4.4.2 || 5.0.0',
    'github:a/b',
    'npm:another@^4.4.2',
    '',
  ])('"%s" is no exact version', (version) => {
    for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies'])
      expect(findLockFaults({ [kind]: { comlink: version } }, lock)).toEqual([
        `package.json: ${kind} has comlink ${version}, which is no exact version`,
      ])
  })

  test.each(['5.0.0-beta.1', 'npm:another@4.4.2', 'npm:@scope/another@4.4.2'])('"%s" is exact', (comlink) => {
    expect(findLockFaults({ dependencies: { comlink } }, lock)).toEqual([])
  })

  test('a lock without packages is no lock', () => {
    expect(findLockFaults(manifest, { lockfileVersion: 1 })).toHaveLength(1)
    expect(findLockFaults(manifest, { packages: {} })).toHaveLength(1)
  })

  test('the lock of this project names platform packages, and has them all', () => {
    const own = readJson('package-lock.json')
    expect(findLockFaults(readJson('package.json'), own)).toEqual([])
    expect(JSON.stringify(own)).toContain('@biomejs/cli-darwin-arm64')
    const { 'node_modules/@biomejs/cli-darwin-arm64': _, ...others } = own.packages
    expect(findLockFaults({}, { packages: others })).toHaveLength(1)
  })
})
