/** @file Finds texts that a reader would see, in code whose texts are to stand in one table. */

import ts from 'typescript'

/** Attributes whose values are read out or shown. */
const SHOWN = /\b(?:aria-label|aria-description|aria-roledescription|title|placeholder|alt)="([^"]*)"/g
const LETTER = /\p{L}/u
const TWO_WORDS = /\p{L}[\p{L}'’]* \p{L}/u

/**
 * Texts between the tags and in the attributes of `html` templates, and strings of two words or more. What errors say is
 * not for readers, and neither is a style sheet.
 */
export function visibleTexts(source: string): string[] {
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || (ts.isNewExpression(node) && /Error$/.test(node.expression.getText()))) return
    if (ts.isTaggedTemplateExpression(node)) {
      if (node.tag.getText() === 'html') found.push(...ofMarkup(node.template))
      if (node.tag.getText() === 'css') return
    }
    const isValue =
      ts.isStringLiteralLike(node) && !ts.isTaggedTemplateExpression(node.parent) && !ts.isLiteralTypeNode(node.parent)
    if (isValue && TWO_WORDS.test(node.text)) found.push(node.text)
    ts.forEachChild(node, visit)
  }
  ts.forEachChild(ts.createSourceFile('source.ts', source, ts.ScriptTarget.ESNext, true), visit)
  return found
}

/** A hole stands as `0`, which is no letter. */
function ofMarkup(template: ts.TemplateLiteral): string[] {
  const pieces = ts.isNoSubstitutionTemplateLiteral(template)
    ? [template.text]
    : [template.head.text, ...template.templateSpans.map(({ literal }) => literal.text)]
  const markup = pieces.join('0')
  const attributes = Array.from(markup.matchAll(SHOWN), ([, value = '']) => value)
  const between = markup.replace(/<[^>]*>/g, '\n').split('\n')
  return [...attributes, ...between].map((text) => text.trim()).filter((text) => LETTER.test(text))
}
