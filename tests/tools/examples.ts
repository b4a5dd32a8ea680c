/** @file The examples in the comments of public functions: found, and judged by the compiler. */

import { readFileSync } from 'node:fs'
import ts from 'typescript'

/** Name of each public function of `entries` (paths from `root`) -> its examples, as they stand. */
export function examplesOf(root: string, entries: readonly string[]): Map<string, readonly string[]> {
  const files = entries.map((entry) => `${root}${entry}`)
  const program = ts.createProgram(files, optionsOf(root))
  const checker = program.getTypeChecker()
  const found = new Map<string, readonly string[]>()
  for (const file of files) {
    const source = program.getSourceFile(file)
    const module = source && checker.getSymbolAtLocation(source)
    for (const exported of module ? checker.getExportsOfModule(module) : []) {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
      if (!(symbol.flags & (ts.SymbolFlags.Function | ts.SymbolFlags.Variable))) continue
      if (checker.getTypeOfSymbol(symbol).getCallSignatures().length === 0) continue
      const tags = symbol.getJsDocTags(checker).filter(({ name }) => name === 'example')
      const texts = tags.map(({ text }) => ts.displayPartsToString(text))
      const codes = texts.map((text) => /```ts\n([\s\S]*?)```/.exec(text)?.[1] ?? '')
      found.set(symbol.name, codes)
    }
  }
  return found
}

/** What an example says that it prints, in order: `// → text`. */
export const promisesOf = (code: string): string[] =>
  Array.from(code.matchAll(/^ *console\.log\(.*\) +\/\/ → (.+)$/gm), ([, text = '']) => text.trim())

/** What the compiler says of the first example of each. */
export function exampleFaults(root: string, examples: ReadonlyMap<string, readonly string[]>): string[] {
  const texts = new Map(
    Array.from(examples, ([name, [code = '']]) => [`${root}tests/example-${name}.ts`, `${code}\nexport {}`]),
  )
  const options = optionsOf(root)
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists } = host
  host.fileExists = (name) => texts.has(name) || fileExists(name)
  host.getSourceFile = (name, ...rest) => {
    const text = texts.get(name)
    return text === undefined ? getSourceFile(name, ...rest) : ts.createSourceFile(name, text, ts.ScriptTarget.ESNext)
  }
  const program = ts.createProgram([...texts.keys()], options, host)
  return [...texts.keys()].flatMap((name) => {
    const faults = program.getSemanticDiagnostics(program.getSourceFile(name))
    return faults.map(
      ({ messageText }) => `${name.slice(root.length)}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    )
  })
}

/** Those of the tests, with the package's entries by their names. */
function optionsOf(root: string): ts.CompilerOptions {
  const config = ts.readConfigFile(`${root}tests/tsconfig.json`, ts.sys.readFile).config
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, `${root}tests/`)
  return { ...options, noUncheckedIndexedAccess: false, paths: sourcesOf(root) }
}

/** Name of each entry of the package -> its source. */
function sourcesOf(root: string): Record<string, string[]> {
  const { exports } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
    exports: Record<string, { types?: string }>
  }
  return Object.fromEntries(
    Object.entries(exports).flatMap(([entry, { types }]) =>
      types ? [[entry.replace(/^\./, 'rwkv.js'), [types.replace('./dist/types/', root).replace('.d.ts', '.ts')]]] : [],
    ),
  )
}
