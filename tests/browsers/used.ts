/**
 * @file What of the web platform our sources name: members of classes and globals in scripts, and in styles properties,
 * pseudo-classes, functions and at-rules. Names alone, without types: a `name` of ours counts as theirs, which does no
 * harm, and all is found in a second.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const LIBRARIES = [
  ...['es5', 'dom', 'dom.iterable', 'dom.asynciterable', 'webworker'].map((name) => `typescript/lib/lib.${name}.d.ts`),
  ...readdirSync(`${ROOT}node_modules/typescript/lib`)
    .filter((file) => /^lib\.es(20\d\d|next)\..*\.d\.ts$/.test(file))
    .map((file) => `typescript/lib/${file}`),
  '@webgpu/types/dist/index.d.ts',
]

/** No prototype has them, so that a browser cannot be asked for them in general; each has them since long ago. */
const OF_INSTANCES = ['cause', 'lastIndex', 'reload', 'stack']

/** Files of ours whose names end in `extension`, as text. */
function ours(extension: string, folders = ['src', 'demo', 'workers']): string[] {
  return folders.flatMap((folder) =>
    readdirSync(`${ROOT}${folder}`, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith(extension))
      .map((path) => readFileSync(`${ROOT}${folder}/${path}`, 'utf8')),
  )
}

/** Younger than the oldest browser that we name. */
const newInCss: readonly string[] = [
  ...[
    ':has(a)',
    ':user-invalid',
    ':modal',
    ':open',
    ':popover-open',
    ':state(a)',
    '::part(a)',
    '::backdrop',
    '::highlight(a)',
  ],
  ...['color: light-dark(red, red)', 'color: color-mix(in srgb, red, red)', 'color: oklch(0.5 0.1 100)'],
  ...['color: rgb(from red r g b)', 'color: contrast-color(red)', 'text-wrap: pretty', 'text-wrap: balance'],
  ...['width: calc-size(auto, size)', 'width: stretch', 'height: 1dvh', 'transition: display 1s allow-discrete'],
  ...['animation-timing-function: linear(0, 1)', 'shape-outside: shape(from 0 0, close)', 'top: anchor(top)'],
]

const parse = (text: string) => ts.createSourceFile('any.ts', text, ts.ScriptTarget.Latest)

/** What few browsers have, TypeScript leaves out; a cast would get at it all the same. */
const RARE =
  'CloseWatcher EyeDropper LanguageModel deviceMemory documentPictureInPicture measureUserAgentSpecificMemory setAppBadge showDirectoryPicker showOpenFilePicker showSaveFilePicker'

let platform: ReadonlySet<string> | undefined

/** Members of classes, which dictionaries are not, and globals, of all that TypeScript knows of the platform, and more. */
export function platformNames(): ReadonlySet<string> {
  platform ??= readPlatform()
  return platform
}

function readPlatform(): Set<string> {
  const members = new Map<string, { readonly names: string[]; readonly bases: string[] }>()
  const globals = new Set<string>()
  const ofInterface = ({ name, members: all, heritageClauses }: ts.InterfaceDeclaration) => {
    const known = members.get(name.text) ?? { names: [], bases: [] }
    for (const { name: one } of all) if (one && ts.isIdentifier(one)) known.names.push(one.text)
    for (const { types } of heritageClauses ?? [])
      for (const { expression } of types) known.bases.push(expression.getText())
    members.set(name.text, known)
  }
  for (const file of LIBRARIES) {
    const source = ts.createSourceFile(
      file,
      readFileSync(`${ROOT}node_modules/${file}`, 'utf8'),
      ts.ScriptTarget.Latest,
      true,
    )
    for (const statement of source.statements) {
      if (ts.isInterfaceDeclaration(statement)) ofInterface(statement)
      if (ts.isFunctionDeclaration(statement) && statement.name) globals.add(statement.name.text)
      if (!ts.isVariableStatement(statement)) continue
      for (const { name, type } of statement.declarationList.declarations) {
        globals.add(name.getText())
        if (type && ts.isTypeLiteralNode(type))
          for (const { name: one } of type.members) if (one && ts.isIdentifier(one)) globals.add(one.text)
        if (type && ts.isTypeReferenceNode(type))
          members.get(type.getText())?.names.forEach((one) => void globals.add(one))
      }
    }
  }
  members.delete('CSSStyleProperties') // see platformStyles
  const names = new Set([...globals, ...RARE.split(' ')])
  const add = (owner: string) => {
    const found = members.get(owner)
    members.delete(owner)
    for (const name of found?.names ?? []) names.add(name)
    for (const base of found?.bases ?? []) add(base)
  }
  for (const owner of globals) add(owner)
  for (const name of OF_INSTANCES) names.delete(name)
  return names
}

/** Of CSS: all properties that TypeScript knows, and selectors and values that not all browsers have. */
export function platformStyles(): string[] {
  const dom = readFileSync(`${ROOT}node_modules/typescript/lib/lib.dom.d.ts`, 'utf8')
  const [, properties = ''] = /^interface CSSStyleProperties [^{]*\{(.*?)^\}/ms.exec(dom) ?? []
  const names = Array.from(properties.matchAll(/^ {4}(\w+): string;/gm), ([, name = '']) =>
    name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replace(/^webkit-/, '-webkit-'),
  )
  return [...names.filter((name) => !/^css-(float|text)$/.test(name)), ...newInCss]
}

/** Names of the platform that our scripts use, sorted. */
export function usedInScripts(texts: readonly string[] = ours('.ts')): string[] {
  const known = platformNames()
  const used = new Set<string>()
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node)) return
    if (ts.isPropertyAccessExpression(node)) used.add(node.name.text)
    else if (ts.isIdentifier(node)) used.add(node.text)
    ts.forEachChild(node, visit)
  }
  for (const text of texts) ts.forEachChild(parse(text), visit)
  return [...used].filter((name) => known.has(name)).sort()
}

/** Properties, `:pseudo-classes`, `functions()` and `@rules` of our styles, and all of their declarations. */
export function usedInStyles(texts: readonly string[] = [...ours('.css'), ...ours('styles.ts')]) {
  const css = texts.map((text) => text.replace(/\/\*.*?\*\//gs, '').replace(/"[^"]*"/g, '""')).join('\n')
  const declarations = [...css.matchAll(/(?<=[{;]\s*)([a-z-]+):\s([^;{}]+);/g)].map(
    ([, name, value]) => `${name}: ${value}`,
  )
  const found = new Set([
    ...declarations.map((one) => one.slice(0, one.indexOf(':'))),
    ...Array.from(css.matchAll(/::?[a-z][a-z-]*\b/g), ([name]) => name),
    ...Array.from(css.matchAll(/(?<![:\w-])[a-z][a-z-]*(?=\()/g), ([name]) => `${name}()`),
    ...Array.from(css.matchAll(/@[a-z-]+/g), ([name]) => name),
  ])
  return { names: [...found].sort(), declarations: [...new Set(declarations)].sort() }
}
