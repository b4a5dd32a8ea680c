/**
 * @file Colours in code, loaded with the Markdown that it stands in. Words are marked as parts (`code-keyword` …), which
 * the page can colour within the element's shadow.
 */

import hljs from 'highlight.js/lib/core'
import bash from 'highlight.js/lib/languages/bash'
import c from 'highlight.js/lib/languages/c'
import css from 'highlight.js/lib/languages/css'
import javascript from 'highlight.js/lib/languages/javascript'
import json from 'highlight.js/lib/languages/json'
import python from 'highlight.js/lib/languages/python'
import rust from 'highlight.js/lib/languages/rust'
import sql from 'highlight.js/lib/languages/sql'
import typescript from 'highlight.js/lib/languages/typescript'
import xml from 'highlight.js/lib/languages/xml'
import './highlight.css'

const languages = { bash, c, css, javascript, json, python, rust, sql, typescript, xml }
for (const [name, language] of Object.entries(languages)) hljs.registerLanguage(name, language)

const LETTERS: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#x27': "'" }

/** `code` with its words marked; undefined for a language that is not known here. */
export function highlightCode(code: string, language: string): DocumentFragment | undefined {
  if (!hljs.getLanguage(language)) return undefined
  return toNodes(hljs.highlight(code, { language, ignoreIllegals: true }).value)
}

/** The library writes spans and text as HTML; nothing else can come of it here, whatever it writes. */
function toNodes(html: string): DocumentFragment {
  const fragment = document.createDocumentFragment()
  const around: Node[] = []
  let place: Node = fragment
  for (const piece of html.split(/(<[^>]*>)/)) {
    if (piece.startsWith('<span')) {
      around.push(place)
      const [, scope] = /^<span class="hljs-([a-z_]+)/.exec(piece) ?? []
      if (!scope) continue // around a language within another
      const span = document.createElement('span')
      span.setAttribute('part', `code-${scope}`)
      place = place.appendChild(span)
    } else if (piece === '</span>') place = around.pop() ?? fragment
    else place.appendChild(document.createTextNode(piece.replace(/&(#?\w+);/g, (all, name) => LETTERS[name] ?? all)))
  }
  return fragment
}
