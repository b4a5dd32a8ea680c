/** @file The card that tells what each message left in the state, and how that faded since. */

import type { Message, Session } from '../../../src/index.ts'
import { element } from '../../panels/dom.ts'
import { formatCount } from '../../text.ts'
import { createChart } from '../parts/chart.ts'
import { createDetails, createTable } from '../parts/facts.ts'
import { followMessage, type Left, type Moment, whatIsLeft } from './fading.ts'
import { formatShare, text } from './text.ts'

/** The card. */
export interface FadeCard {
  readonly element: HTMLElement
  /** Count anew; takes no time of the GPU to speak of, but waits for the reply under way. */
  refresh(session: Session): Promise<void>
}

const MOST_MESSAGES = 10
const NAME_LENGTH = 28

/** A card without numbers. */
export function createFadeCard(): FadeCard {
  const now = element('div', {})
  const choice = element('select', {})
  const label = element('label', { class: 'field wide' }, text.fadeOf, choice)
  const follow = element('div', { class: 'follow' }, element('div', { class: 'row' }, label))
  const chart = createChart('')
  const steps = element('div', {})
  const none = element('p', { class: 'quiet' }, text.fadeNone)
  follow.append(chart.element, createDetails(text.byLayer, steps))
  follow.hidden = true
  let current: { session: Session; left: readonly Left[] } | undefined
  let visit = 0

  async function followChosen(): Promise<void> {
    const chosen = current?.left[choice.selectedIndex]?.message
    if (!current || !chosen) return
    const mine = visit
    const moments = await followMessage(current.session, chosen)
    if (mine === visit && moments.length > 0) showMoments(nameOf(chosen), moments)
  }

  function showMoments(name: string, moments: readonly Moment[]): void {
    chart.element.setAttribute('aria-label', text.fadeLabel(name))
    const layers = moments[0]?.shares ?? []
    chart.show({
      x: { label: text.later },
      y: { label: text.share, fromZero: true },
      at: moments.map(({ tokens }) => tokens),
      isStepped: true, // it is counted where messages end
      lines: layers.map((_, layer) => ({
        name: text.layerName(layer),
        values: moments.map(({ shares }) => (shares[layer] ?? 0) * 100),
      })),
    })
    steps.replaceChildren(
      createTable({
        caption: text.fadeSteps(name),
        head: [text.layer, ...moments.map(({ tokens }) => text.fadeAt(formatCount(tokens)))],
        rows: layers.map((_, layer) => [
          String(layer),
          ...moments.map(({ shares }) => formatShare(shares[layer] ?? 0)),
        ]),
      }),
    )
  }

  choice.addEventListener('change', () => void followChosen())
  return {
    element: element(
      'section',
      { class: 'card' },
      element('h3', {}, text.fade),
      element('p', { class: 'quiet' }, text.fadeAbout),
      none,
      now,
      follow,
    ),
    async refresh(session) {
      const mine = ++visit
      const left = await whatIsLeft(session, MOST_MESSAGES)
      if (mine !== visit) return
      current = { session, left }
      const isEmpty = left.length === 0
      none.hidden = !isEmpty
      follow.hidden = isEmpty
      now.replaceChildren(...(isEmpty ? [] : [tableOf(left)]))
      const chosen = choice.selectedIndex
      choice.replaceChildren(...left.map(({ message }) => element('option', {}, nameOf(message))))
      choice.selectedIndex = Math.max(0, Math.min(chosen, left.length - 1))
      await followChosen()
    },
  }
}

/** A line a layer, a column a message; a cell is the darker the more of the layer it is. */
function tableOf(left: readonly Left[]): HTMLElement {
  const layers = left[0]?.shares ?? []
  const table = createTable({
    caption: text.fadeTable,
    head: [text.layer, ...left.map(({ message }) => nameOf(message))],
    rows: layers.map((_, layer) => [String(layer), ...left.map(({ shares }) => formatShare(shares[layer] ?? 0))]),
  })
  table.classList.add('shares')
  table.querySelectorAll('tbody tr').forEach((row, layer) => {
    row.querySelectorAll('td').forEach((cell, i) => {
      cell.style.setProperty('--share', `${Math.round((left[i]?.shares[layer] ?? 0) * 100)}%`)
    })
  })
  return table
}

function nameOf({ role, text: words }: Message): string {
  const flat = words.trim().replace(/\s+/g, ' ')
  return `${text.messages[role]}: ${flat.length > NAME_LENGTH ? `${flat.slice(0, NAME_LENGTH - 1)}…` : flat}`
}
