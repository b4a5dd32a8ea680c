import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { createNodeEngine } from '../src/node.ts'
import { exampleFaults, examplesOf, promisesOf } from './tools/examples.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const { entryPoints } = JSON.parse(readFileSync(`${root}typedoc.json`, 'utf8')) as { entryPoints: string[] }
const examples = examplesOf(root, entryPoints)

test('each public function has one example, which calls it, fits the API and says what it prints', {
  timeout: 60_000,
}, () => {
  expect(examples.size).toBeGreaterThanOrEqual(20)
  for (const [name, found] of examples) expect(found.length, name).toBe(1)
  for (const [name, [code = '']] of examples) {
    expect(code, name).toMatch(new RegExp(`\\b${name}\\(`))
    expect(promisesOf(code).length, name).toBe(code.split('console.log(').length - 1)
  }
  expect(exampleFaults(root, examples)).toEqual([])
})

// Those of the page are run by tests/e2e/readme.e2e.ts.
test('the example of node prints what it says', async () => {
  const [example = ''] = examples.get('createNodeEngine') ?? []
  const code = example.replace(/^import .*$/m, '').replace('./models', `${root}demo/public/models`)
  const { outputText } = ts.transpileModule(code, { compilerOptions: { target: ts.ScriptTarget.ES2022 } })
  const printed: string[] = []
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor
  const log = (...values: unknown[]) => printed.push(values.join(' '))
  await new AsyncFunction('createNodeEngine', 'console', outputText)(createNodeEngine, { log })
  expect(printed).toEqual(promisesOf(example))
})
