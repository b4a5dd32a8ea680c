/**
 * @file Markdown to content of the page, fetched when the first reply is shown. What a model writes is never trusted: it
 * is cut into tokens, and nodes of a few fixed kinds are made from them. Nothing is parsed as HTML: tags in the text are
 * shown as they were written. Images are shown as their alternative text, since fetching one would tell another server.
 */

import { Lexer, type MarkedToken, type Token, Tokenizer, type Tokens } from 'marked'

/** What a page can have a say in. */
export interface MarkdownOptions {
  /** Content in place of code in a language, such as the same with colours; undefined: the code as it is. */
  readonly highlightCode?: ((code: string, language: string) => Node | undefined) | undefined
  /** Words of the button that stands on code. */
  readonly labels: { readonly copy: string; readonly copied: string }
}

type Content = readonly (Node | string)[]

const LINKS = ['https:', 'http:', 'mailto:']

/** The entities that models write; others are shown as they were written. */
const ENTITIES = new Map(
  Object.entries({
    ...{ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u{a0}', hellip: '…', mdash: '—', ndash: '–' },
    ...{ lsquo: '‘', rsquo: '’', ldquo: '“', rdquo: '”', laquo: '«', raquo: '»', bull: '•', middot: '·' },
    ...{ copy: '©', reg: '®', trade: '™', deg: '°', times: '×', larr: '←', rarr: '→', euro: '€' },
  }),
)

/** Without HTML, but for the line breaks of tables, which have no others. */
class TextTokenizer extends Tokenizer {
  override html(): undefined {}

  override tag(source: string): Tokens.Tag | undefined {
    const [raw] = /^<br ?\/?>/i.exec(source) ?? []
    return raw ? ({ type: 'br', raw } as unknown as Tokens.Tag) : undefined
  }
}

/** A fragment that is safe to put anywhere: only text structure, links to the web and mail, code with a Copy button. */
export function renderMarkdown(source: string, options: MarkdownOptions): DocumentFragment {
  const fragment = document.createDocumentFragment()
  try {
    const tokens = new Lexer({ gfm: true, breaks: true, tokenizer: new TextTokenizer() }).lex(source)
    fragment.append(...contentOf(tokens, options))
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    fragment.append(source) // nested deeper than the stack
  }
  return fragment
}

function contentOf(tokens: readonly Token[], options: MarkdownOptions): Content {
  return tokens.flatMap((token) => nodesOf(token as MarkedToken, options))
}

function nodesOf(token: MarkedToken, options: MarkdownOptions): Content {
  const inside = (tokens: readonly Token[]) => contentOf(tokens, options)
  switch (token.type) {
    case 'space':
    case 'def':
      return []
    case 'text':
      return token.tokens ? inside(token.tokens) : [withoutEntities(token.text)]
    case 'escape':
      return [token.text]
    case 'image':
      return [withoutEntities(token.text)]
    case 'checkbox':
      return [token.checked ? '☑ ' : '☐ ']
    case 'br':
    case 'hr':
      return [made(token.type)]
    case 'strong':
    case 'em':
    case 'del':
    case 'blockquote':
      return [made(token.type, inside(token.tokens))]
    case 'paragraph':
      return [made('p', inside(token.tokens))]
    case 'heading':
      return [made(`h${token.depth as 1 | 2 | 3 | 4 | 5 | 6}`, inside(token.tokens))]
    case 'codespan':
      return [made('code', [token.text])]
    case 'link':
      return linkOf(withoutEntities(token.href), inside(token.tokens))
    case 'code':
      return [codeBlock(token, options)]
    case 'list':
      return [listOf(token, inside)]
    case 'table':
      return [tableOf(token, inside)]
    default:
      return [token.raw]
  }
}

/** Its words alone if it would lead anywhere but to the web or mail. */
function linkOf(address: string, words: Content): Content {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (!url || !LINKS.includes(url.protocol)) return words
  const link = made('a', words)
  link.href = url.href
  link.target = '_blank'
  link.rel = 'noopener noreferrer'
  return [link]
}

function listOf({ ordered, start, items }: Tokens.List, inside: (tokens: readonly Token[]) => Content): HTMLElement {
  const entries = items.map(({ tokens }) => made('li', inside(tokens)))
  if (!ordered) return made('ul', entries)
  const list = made('ol', entries)
  if (typeof start === 'number' && start !== 1) list.start = start
  return list
}

function tableOf({ header, rows }: Tokens.Table, inside: (tokens: readonly Token[]) => Content): HTMLTableElement {
  const row = (kind: 'th' | 'td', cells: readonly Tokens.TableCell[]) =>
    made(
      'tr',
      cells.map(({ tokens, align }) => {
        const cell = made(kind, inside(tokens))
        if (align) cell.align = align
        return cell
      }),
    )
  const body = rows.map((cells) => row('td', cells))
  return made('table', [made('thead', [row('th', header)]), ...(body.length > 0 ? [made('tbody', body)] : [])])
}

/** With the text that the button copies as it stands in the reply. */
function codeBlock({ text, lang = '' }: Tokens.Code, { highlightCode, labels }: MarkdownOptions): HTMLElement {
  const code = `${text}\n`
  const [language = ''] = lang.split(/\s/)
  const button = made('button', [labels.copy])
  button.type = 'button'
  button.className = 'copy'
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(code)
    button.textContent = labels.copied
  })
  return made('pre', [made('code', [highlightCode?.(code, language) ?? code]), button])
}

function made<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, content: Content = []): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  element.append(...content)
  return element
}

function withoutEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w+));/gi, (written, decimal, hex, name) => {
    if (name !== undefined) return ENTITIES.get(name) ?? written
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal)
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : written
  })
}
