/**
 * @file Markdown to content of the page. Loaded with the first reply that needs it. What a model writes is never trusted:
 * the whole text is sanitised anew each time it grows, so that nothing can be put together from pieces. HTML in it is
 * shown as it was written: parsing it, even to throw it away, would have the content security policy report what it
 * refuses. Images are shown as their alternative text, since fetching one would tell another server.
 */

import DOMPurify from 'dompurify'
import { Marked, type Tokens } from 'marked'
import { highlightCode } from './highlight.ts'
import { text } from './text.ts'

const marked = new Marked({
  gfm: true,
  breaks: true,
  async: false,
  tokenizer: {
    html: () => undefined,
    tag(source) {
      const [raw] = /^<br ?\/?>/i.exec(source) ?? []
      return raw ? ({ type: 'br', raw } as unknown as Tokens.Tag) : undefined // tables have no other line breaks
    },
  },
  renderer: {
    image: ({ text: words }) => words.replace(/[&<]/g, (letter) => (letter === '&' ? '&amp;' : '&lt;')),
    checkbox: ({ checked }) => (checked ? '☑ ' : '☐ '),
  },
})

const purify = DOMPurify(window)
purify.addHook('afterSanitizeAttributes', (node) => {
  if (node.tagName !== 'A') return
  if (!URL.canParse(node.getAttribute('href') ?? '')) node.removeAttribute('href') // it would lead nowhere
  node.setAttribute('target', '_blank')
  node.setAttribute('rel', 'noopener noreferrer')
})

const TAGS = [
  ...['p', 'br', 'hr', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'blockquote', 'ul', 'ol', 'li', 'pre', 'code'],
  ...['strong', 'em', 'del', 'a', 'table', 'thead', 'tbody', 'tr', 'th', 'td'],
]

/** A fragment that is safe to put anywhere: only text structure, links to the web and mail, code with a Copy button. */
export function renderMarkdown(source: string): DocumentFragment {
  const fragment = purify.sanitize(marked.parse(source) as string, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ['href', 'start', 'align', 'class'], // classes name languages, and go below
    ADD_URI_SAFE_ATTR: ['start', 'align'], // they are no addresses
    ALLOW_ARIA_ATTR: false,
    ALLOW_DATA_ATTR: false,
    ALLOWED_URI_REGEXP: /^(?:https?:|mailto:)/i,
    RETURN_DOM_FRAGMENT: true,
  })
  for (const code of fragment.querySelectorAll<HTMLElement>('pre > code')) colour(code)
  for (const named of fragment.querySelectorAll('[class]')) named.removeAttribute('class')
  for (const block of fragment.querySelectorAll('pre')) block.append(copyButton(block.textContent ?? ''))
  return fragment
}

function colour(code: HTMLElement): void {
  const [, language = ''] = /^language-(\S+)/.exec(code.className) ?? []
  const coloured = highlightCode(code.textContent ?? '', language)
  if (coloured) code.replaceChildren(coloured)
}

function copyButton(code: string): HTMLButtonElement {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'copy'
  button.textContent = text.copy
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(code)
    button.textContent = text.copied
  })
  return button
}
