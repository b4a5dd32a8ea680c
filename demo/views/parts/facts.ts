/** @file Names and values in a list, and rows of them in a table: what stands beside every picture. */

import { element } from '../../panels/dom.ts'

/** What a name stands for. */
export type Fact = readonly [name: string, value: string | Node]

/** A list of names and values. */
export function createFacts(facts: readonly Fact[] = []): HTMLDListElement {
  return element('dl', { class: 'facts' }, ...factRows(facts))
}

/** The rows of such a list, to put others in their place. */
export function factRows(facts: readonly Fact[]): HTMLElement[] {
  return facts.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value)))
}

/** What `createTable` takes. */
export interface TableContent {
  readonly caption: string
  readonly head: readonly string[]
  /** The first cell of a row is its head. */
  readonly rows: readonly (readonly (string | Node)[])[]
}

/** A table that scrolls sideways where the page is narrow. Numbers belong into columns after the first. */
export function createTable({ caption, head, rows }: TableContent): HTMLElement {
  const cells = ([first = '', ...rest]: readonly (string | Node)[]) => [
    element('th', { scope: 'row' }, first),
    ...rest.map((cell) => element('td', {}, cell)),
  ]
  return element(
    'div',
    { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': caption },
    element(
      'table',
      {},
      element('caption', {}, caption),
      element('thead', {}, element('tr', {}, ...head.map((name) => element('th', { scope: 'col' }, name)))),
      element('tbody', {}, ...rows.map((row) => element('tr', {}, ...cells(row)))),
    ),
  )
}

/** A table behind a line that opens it: the numbers of a picture. */
export function createDetails(summary: string, ...content: readonly Node[]): HTMLDetailsElement {
  return element('details', {}, element('summary', {}, summary), ...content)
}
