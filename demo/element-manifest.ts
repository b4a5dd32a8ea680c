/**
 * @file `custom-elements.json` of the package, which editors and catalogues read, made from the public types of the element
 * and their doc comments. Slots, parts and custom properties are tags of the interface's comment, attributes tags of its
 * members'. Format: the Custom Elements Manifest, version 2.1.
 */

import { readFileSync } from 'node:fs'
import ts from 'typescript'

/** @param file `src/element/types.ts` */
export function elementManifest(file: string): object {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true)
  const element = interfaceOf(source, 'RwkvChatElement')
  const members = element.members.filter(
    (member): member is ts.PropertySignature | ts.MethodSignature =>
      ts.isPropertySignature(member) ||
      (ts.isMethodSignature(member) && !member.name.getText().endsWith('EventListener')),
  )
  const declaration = {
    kind: 'class',
    name: 'RwkvChat',
    tagName: 'rwkv-chat',
    customElement: true,
    description: descriptionOf(element),
    superclass: { name: 'HTMLElement' },
    attributes: members.flatMap((member) =>
      tagsOf(member, 'attribute').map((name) => ({ ...named(member), name, fieldName: member.name.getText() })),
    ),
    members: members.map(memberOf),
    events: interfaceOf(source, 'RwkvChatEventDetails').members.map((event) => ({
      ...named(event),
      type: { text: `CustomEvent<${textOf((event as ts.PropertySignature).type)}>` },
    })),
    slots: tagged(element, 'slot'),
    cssParts: tagged(element, 'csspart'),
    cssProperties: tagged(element, 'cssprop'),
    cssStates: statesOf(source).map((name) => ({ name })),
  }
  const own = { name: declaration.name }
  return {
    schemaVersion: '2.1.0',
    readme: 'README.md',
    modules: [
      {
        kind: 'javascript-module',
        path: 'dist/element.js',
        declarations: [declaration],
        exports: [
          { kind: 'js', ...own, declaration: own },
          { kind: 'custom-element-definition', name: declaration.tagName, declaration: own },
        ],
      },
    ],
  }
}

function memberOf(member: ts.PropertySignature | ts.MethodSignature): object {
  const [attribute] = tagsOf(member, 'attribute')
  if (ts.isPropertySignature(member))
    return {
      kind: 'field',
      ...named(member),
      ...(attribute && { attribute }),
      ...(member.modifiers && { readonly: true }),
    }
  return {
    kind: 'method',
    name: member.name.getText(),
    description: descriptionOf(member),
    parameters: member.parameters.map(({ name, type, questionToken }) => ({
      name: name.getText(),
      type: { text: textOf(type) },
      ...(questionToken && { optional: true }),
    })),
    return: { type: { text: textOf(member.type) } },
  }
}

const named = (member: ts.TypeElement) => ({
  name: member.name?.getText() ?? '',
  description: descriptionOf(member),
  ...(ts.isPropertySignature(member) && { type: { text: textOf(member.type) } }),
})

function interfaceOf(source: ts.SourceFile, name: string): ts.InterfaceDeclaration {
  const found = source.statements.find((one) => ts.isInterfaceDeclaration(one) && one.name.text === name)
  if (!found) throw new Error(`${source.fileName} has no interface ${name}`)
  return found as ts.InterfaceDeclaration
}

function statesOf(source: ts.SourceFile): string[] {
  const found = source.statements.find((one) => ts.isTypeAliasDeclaration(one) && one.name.text === 'ChatState')
  return [...(found?.getText() ?? '').matchAll(/'(\w+)'/g)].map(([, name = '']) => name)
}

/** What stands in front of the tags. */
function descriptionOf(node: ts.Node): string {
  const texts = ts.getJSDocCommentsAndTags(node).map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? '')
  if (!texts[0]) throw new Error(`${node.getText().split('\n')[0]} has no doc comment`)
  return oneLine(texts[0])
}

const tagsOf = (node: ts.Node, name: string) =>
  ts
    .getJSDocTags(node)
    .filter(({ tagName }) => tagName.text === name)
    .map(({ comment }) => oneLine(ts.getTextOfJSDocComment(comment) ?? ''))

/** `name - description` */
const tagged = (node: ts.Node, tag: string) =>
  tagsOf(node, tag).map((text) => {
    const [name = '', ...description] = text.split(' - ')
    return { name, description: description.join(' - ') }
  })

const textOf = (node: ts.Node | undefined) => oneLine(node?.getText() ?? '')

const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim()
