/** @file The card that tells how long each layer remembers: a plot of the time decays, which belong to the weights. */

import type { Inspection } from '../../../src/index.ts'
import { element } from '../../panels/dom.ts'
import { createChart } from '../parts/chart.ts'
import { createDetails, createTable } from '../parts/facts.ts'
import { quantile } from './rows.ts'
import { formatTokens, text } from './text.ts'

/** The card. */
export interface LifeCard {
  readonly element: HTMLElement
  show(inspection: Inspection): void
}

const POINTS = 50 // of a line
const LEAST_TOKENS = 0.01
const MOST_TOKENS = 1e5 // more is never

/** A card without numbers. */
export function createLifeCard(): LifeCard {
  const chart = createChart(text.lifeLabel)
  const numbers = element('div', {})
  const card = element(
    'section',
    { class: 'card' },
    element('h3', {}, text.life),
    element('p', { class: 'quiet' }, text.lifeAbout),
    chart.element,
    createDetails(text.byLayer, numbers),
  )
  return {
    element: card,
    show({ layers }) {
      const sorted = layers.flatMap(({ halfLife }) => (halfLife ? [halfLife.toSorted()] : []))
      card.hidden = sorted.length === 0
      const shares = Array.from({ length: POINTS + 1 }, (_, i) => i / POINTS)
      chart.show({
        x: { label: text.channels },
        y: { label: text.halfLife, isLog: true },
        at: shares.map((share) => share * 100),
        lines: sorted.map((lives, layer) => ({
          name: text.layerName(layer),
          values: shares.map((share) => Math.min(Math.max(quantile(lives, share), LEAST_TOKENS), MOST_TOKENS)),
        })),
      })
      numbers.replaceChildren(
        createTable({
          caption: text.lifeTable,
          head: [text.layer, text.shortest, text.median, text.longest],
          rows: sorted.map((lives, layer) => [
            String(layer),
            ...[0, 0.5, 1].map((share) => formatTokens(quantile(lives, share))),
          ]),
        }),
      )
    },
  }
}
