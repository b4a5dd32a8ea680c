import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** What only one version of RWKV has, in code: comments may give it as an example. */
const WORDS: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['the rows of RWKV-4', /\baa bb pp\b/],
  ['the decay of RWKV-4', /\btimeDecay\b|\btime_decay\b/],
  ['an exponent before the first token', /-1e30\b/],
  ['five rows of a state', /\b5, C\b|\* 5u?\b|\b5u? \*|× 5\b/],
  ['a version in a name', /V[4-7]\b|-v[4-7]\b/],
]

const withoutComments = (code: string) => code.replace(/\/\*[\s\S]*?\*\/|(^|[^:'"`])\/\/.*$/gm, '$1')

const found = (code: string) => WORDS.filter(([, pattern]) => pattern.test(withoutComments(code))).map(([what]) => what)

function filesIn(folder: string): string[] {
  return readdirSync(`${ROOT}${folder}`, { recursive: true, encoding: 'utf8' })
    .map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
    .filter((path) => /\.(ts|wgsl)$/.test(path) && !/\/(rwkv\/)?v\d\//.test(path))
}

describe('outside the folder of a version', () => {
  const files = ['src', 'shaders', 'demo/views/state'].flatMap(filesIn)

  test('no code knows what only one version has', () => {
    expect(files).toEqual(expect.arrayContaining(['src/forward/forward.ts', 'shaders/shift-mix.wgsl']))
    const faults = files.flatMap((path) => found(readFileSync(`${ROOT}${path}`, 'utf8')).map((what) => [path, what]))
    expect(faults).toEqual([])
  })

  test.each([
    ["const rows = 'attX ffnX aa bb pp'", 'the rows of RWKV-4'],
    ['const { timeDecay } = filled', 'the decay of RWKV-4'],
    ['state.fill(-1e30)', 'an exponent before the first token'],
    ['let at = (slot * L + layer) * 5u + shift;', 'five rows of a state'],
    ['const shape = [L, 5, C]', 'five rows of a state'],
    ["import { x } from './forward-v4.ts'", 'a version in a name'],
    ['createForwardV4(gpu)', 'a version in a name'],
  ])('%s is found', (code, what) => {
    expect(found(code)).toEqual([what])
  })

  test('an example in a comment is none', () => {
    expect(found('/** Such as `attX aa bb pp ffnX`. */\nlet a = 1 // of timeDecay')).toEqual([])
  })
})
