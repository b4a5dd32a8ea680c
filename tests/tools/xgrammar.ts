/**
 * @file Another's masks of the same format: those of @mlc-ai/web-xgrammar, WebAssembly in a script. A format that it cannot
 * take aborts it for good.
 */

import { createRequire } from 'node:module'
import type * as XGrammar from '@mlc-ai/web-xgrammar'
import type { Tokenizer } from '../../src/text/tokenizer.ts'
import { byteCharacters } from './bpe-json.ts'

/** Follows one reply. */
export interface Matcher {
  /** Ids that may come next, the end of the text included, in order. */
  mask(): Promise<number[]>
  /** Whether `id` may be said; if so, it was. */
  accept(id: number): boolean
  free(): void
}

/** A format, as xgrammar knows them. */
export type Other =
  | { readonly schema: unknown }
  | { readonly json: true }
  | { readonly pattern: string }
  | { readonly grammar: string }

/** A maker of matchers over one vocabulary; id 0 ends a text. */
export async function createXGrammar(
  tokenizer: Pick<Tokenizer, 'size' | 'bytesOf'>,
): Promise<(format: Other) => Promise<Matcher>> {
  const { TokenizerInfo, GrammarCompiler, GrammarMatcher } = await load()
  const ids = Array.from({ length: tokenizer.size }, (_, id) => id)
  const written = ids.map((id) => Array.from(tokenizer.bytesOf(id), (byte) => byteCharacters[byte]).join(''))
  const info = await TokenizerInfo.createTokenizerInfo(written, 'byte_level', false, written.length, [0])
  const compiler = await GrammarCompiler.createGrammarCompiler(info, false)

  function compile(format: Other): Promise<XGrammar.CompiledGrammar> {
    if ('schema' in format) return compiler.compileJSONSchema(JSON.stringify(format.schema), true, -1, undefined, true)
    if ('json' in format) return compiler.compileBuiltinJSONGrammar()
    if ('grammar' in format) return compiler.compileGrammar(format.grammar)
    return compiler.compileStructuralTag({ type: 'structural_tag', format: { type: 'regex', pattern: format.pattern } })
  }

  return async (format) => {
    const compiled = await compile(format)
    const matcher = await GrammarMatcher.createGrammarMatcher(compiled)
    return {
      async mask() {
        const bits = await matcher.getNextTokenBitmask()
        return ids.filter((id) => ((bits[id >>> 5] as number) >>> (id & 31)) & 1)
      },
      accept: (id) => matcher.acceptToken(id),
      free() {
        matcher.dispose()
        compiled.dispose()
      },
    }
  }
}

/** Its script finds out where it is by the globals of CommonJS, and leaves what it makes as a global. */
async function load(): Promise<typeof XGrammar> {
  const name = '@mlc-ai/web-xgrammar'
  const require = createRequire(import.meta.url)
  Object.assign(globalThis, { require, __filename: require.resolve(name) })
  await import(name)
  return (globalThis as unknown as { xgrammar: typeof XGrammar }).xgrammar
}
