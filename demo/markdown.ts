/**
 * @file Markdown to content of the page. Loaded with the first reply that needs it. What a model writes is never trusted:
 * the whole text is sanitised anew each time it grows, so that nothing can be put together from pieces; images are left
 * out, since asking for one would tell another server.
 */

import DOMPurify from 'dompurify'
import { Marked } from 'marked'
import { text } from './text.ts'

const marked = new Marked({ gfm: true, breaks: true, async: false })

const purify = DOMPurify(window)
purify.addHook('afterSanitizeAttributes', (node) => {
  if (node.tagName !== 'A') return
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
    ALLOWED_ATTR: ['href', 'start', 'align'],
    ALLOWED_URI_REGEXP: /^(?:https?:|mailto:)/i,
    RETURN_DOM_FRAGMENT: true,
  })
  for (const block of fragment.querySelectorAll('pre')) block.append(copyButton(block.textContent ?? ''))
  return fragment
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
