/**
 * @file The WGSL that this project writes: what both compilers of browsers take, Tint (Chromium) and naga (Firefox). naga
 * may fail as it translates what it found valid, and on Linux takes the whole of Firefox down; Chromium shows nothing of
 * it. So what is allowed is listed, and is what has been seen to translate. Whoever needs more adds it, sees that
 * `npm run naga` refuses nothing, and that `npm run e2e:firefox` passes.
 */

/** Words that a module need not declare. A test keeps out those that no shader uses. */
export const allowedWords: ReadonlySet<string> = new Set(
  `fn struct alias var let const override return if else for while loop break switch case true
  bool f32 u32 vec2f vec2u vec3u vec4f vec4i vec4u mat3x4f mat4x4f array atomic ptr
  function uniform storage workgroup read read_write group binding compute workgroup_size builtin
  global_invocation_id local_invocation_id num_workgroups workgroup_id
  abs all arrayLength bitcast countLeadingZeros dot exp inverseSqrt max min select transpose unpack2x16float
  atomicAdd atomicLoad atomicStore storageBarrier workgroupBarrier workgroupUniformLoad`.split(/\s+/),
)

/** Of a module that declares them, which only browsers with the feature are given: Chromium, as naga has no `enable` for it. */
export const subgroupWords: ReadonlySet<string> = new Set([
  'enable',
  'subgroups',
  'subgroupBroadcast',
  'subgroup_invocation_id',
])

/** Whether a module is for browsers with subgroups. */
export const hasSubgroups = (code: string): boolean => code.includes('\nenable subgroups;')

const castable = ['f32', 'u32', 'vec4f'] // by bitcast
const constructs = /^(bool|[iuf]32|vec\w+|mat\w+|array)$/
const blocks = ['loop', 'for', 'while', 'switch'] // in which a break is their own

interface Token {
  readonly text: string
  readonly line: number
}

/** Each way in which `code`, a module or a part of one, leaves the subset: `LINE: what`. */
export function subsetFaults(code: string): string[] {
  const tokens = tokensOf(code)
  const faults: string[] = []
  const texts = tokens.map(({ text }) => text)
  const own = ownWords(texts)
  const isAllowed = (word: string) => allowedWords.has(word) || (hasSubgroups(code) && subgroupWords.has(word))
  tokens.forEach(({ text, line }, i) => {
    const refuse = (what: string) => faults.push(`${line}: ${what}`)
    const statement = texts.slice(i, texts.indexOf(';', i))
    const value = statement.slice(statement.indexOf('=') + 1 || statement.length)
    if (isWord(texts, i) && !own.has(text) && !isAllowed(text))
      refuse(`${text} is not on the list of what Tint and naga both take`)
    if (text === 'bitcast' && !castable.includes(inside(texts, i + 1).join('')))
      refuse(`bitcast makes something else than ${castable}`)
    if (text === 'ptr' && texts[i + 2] !== 'function')
      refuse('a pointer to something else than a variable of a function')
    if (text === 'override' && value.length > 1) refuse('an override is computed')
    if (
      text === 'const' &&
      value.some((word, at) => value[at + 1] === '(' && /^\w/.test(word) && !constructs.test(word))
    )
      refuse('a constant calls a function')
    if (text === 'var' && statement[2] === 'workgroup' && lengths(statement).some((length) => length.length !== 1))
      refuse('the length of an array in workgroup memory is an expression')
    if (text === 'loop' && !hasBreak(inside(texts, i + 1))) refuse('a loop has no break of its own')
  })
  return faults
}

/** The words of `code` that it does not declare. */
export function foreignWords(code: string): Set<string> {
  const texts = tokensOf(code).map(({ text }) => text)
  const own = ownWords(texts)
  return new Set(texts.filter((text, i) => isWord(texts, i) && !own.has(text)))
}

/** Words, numbers and single signs, without comments. */
function tokensOf(code: string): Token[] {
  return code.split('\n').flatMap((text, i) => {
    const signs = text.replace(/\/\/.*/, '').match(/[A-Za-z_]\w*|\d[\w.]*(?:(?<=[ep])[+-]\d+\w?)?|->|\S/g) ?? []
    return signs.map((text) => ({ text, line: i + 1 }))
  })
}

/** Whether a name is looked up here, and not among the members of a value. */
const isWord = (texts: readonly string[], i: number) => /^[A-Za-z_]/.test(texts[i] ?? '') && texts[i - 1] !== '.'

/** Names of functions, structs, constants, variables, parameters and members. */
function ownWords(texts: readonly string[]): Set<string> {
  return new Set(
    texts.flatMap((text, i) => {
      if (text === 'var' && texts[i + 1] === '<') return [texts[i + inside(texts, i + 1).length + 3] ?? '']
      if (['fn', 'struct', 'alias', 'let', 'const', 'override', 'var'].includes(text)) return [texts[i + 1] ?? '']
      return texts[i + 1] === ':' ? [text] : []
    }),
  )
}

/** What lies between the bracket at `i` and its counterpart. */
function inside(texts: readonly string[], i: number): readonly string[] {
  const [open, close] = ['<>', '{}'].find((pair) => pair[0] === texts[i]) ?? ''
  let depth = 0
  const end = texts.findIndex((text, at) => {
    if (at >= i) depth += Number(text === open) - Number(text === close)
    return at >= i && depth === 0
  })
  return texts.slice(i + 1, end)
}

/** Of each array in a declaration, what says its length. */
function lengths(statement: readonly string[]): (readonly string[])[] {
  return statement.flatMap((text, i) => {
    if (text !== 'array') return []
    const parts = inside(statement, i + 1)
    return [parts.slice(parts.lastIndexOf(',') + 1)]
  })
}

/** Whether a break in `body` is not that of a block in it. */
function hasBreak(body: readonly string[]): boolean {
  const block = body.findIndex((text) => blocks.includes(text))
  if (block < 0) return body.includes('break')
  const open = body.indexOf('{', block)
  return body.slice(0, block).includes('break') || hasBreak(body.slice(open + inside(body, open).length + 2))
}
