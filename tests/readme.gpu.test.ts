import ts from 'typescript'
import { expect, test } from 'vitest'
import { loadModel } from '../src/index.ts'
import { storyteller, withEngine } from './tools/engine.ts'
import { program, promised } from './tools/readme.ts'

test("the README's examples of sessions run, one after the other, and print what they say", () =>
  withEngine(async (engine) => {
    const model = await loadModel(storyteller, { engine })
    const printed: string[] = []
    const log = (...values: unknown[]) => printed.push(values.join(' ').trim())
    const { outputText } = ts.transpileModule(program, {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 },
    })
    const AsyncFunction = (async () => {}).constructor as FunctionConstructor
    await new AsyncFunction('model', 'console', outputText)(model, { log })
    expect(printed).toEqual(promised)
    await model.dispose()
  }))
