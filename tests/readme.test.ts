import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { examples, program, promised } from './tools/readme.ts'

test("the README's examples of sessions are TypeScript that fits the API", { timeout: 60_000 }, () => {
  expect(examples.length).toBeGreaterThanOrEqual(5)
  const path = fileURLToPath(new URL('readme-examples.ts', import.meta.url))
  const config = fileURLToPath(new URL('tsconfig.json', import.meta.url))
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(config, ts.sys.readFile).config,
    ts.sys,
    fileURLToPath(new URL('.', import.meta.url)),
  )
  const text = `import type { Model } from '../src/index.ts'\nexport async function run(model: Model) {\n${program}\n}`
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists } = host
  host.fileExists = (name) => name === path || fileExists(name)
  host.getSourceFile = (name, ...rest) =>
    name === path ? ts.createSourceFile(name, text, ts.ScriptTarget.ESNext) : getSourceFile(name, ...rest)
  const checked = ts.createProgram([path], options, host)
  const faults = checked.getSemanticDiagnostics(checked.getSourceFile(path))
  expect(faults.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([])
})

test('and everything they print has its promise beside it', () => {
  expect(promised.length).toBe(program.split('console.log(').length - 1)
})
