/**
 * @file The card that tells how long each layer remembers: a plot of the time decays where they belong to the weights, else of
 * the bounds between which each token decides.
 */

import type { Inspection } from '../../../src/index.ts'
import { element } from '../../panels/dom.ts'
import { type ChartContent, createChart } from '../parts/chart.ts'
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
  const about = element('p', { class: 'quiet' })
  const chart = createChart('')
  const numbers = element('div', {})
  const card = element(
    'section',
    { class: 'card' },
    element('h3', {}, text.life),
    about,
    chart.element,
    createDetails(text.byLayer, numbers),
  )
  const tell = (words: string, label: string) => {
    about.textContent = words
    chart.element.setAttribute('aria-label', label)
  }
  return {
    element: card,
    show({ layers }) {
      const lives = layers.flatMap(({ halfLife }) => (halfLife ? [halfLife.toSorted()] : []))
      const bounds = layers.flatMap(({ halfLifeBounds }) => (halfLifeBounds ? [halfLifeBounds] : []))
      card.hidden = lives.length === 0 && bounds.length === 0
      if (lives.length > 0) {
        tell(text.lifeAbout, text.lifeLabel)
        chart.show(linesOfChannels(lives))
        numbers.replaceChildren(tableOf([text.shortest, text.median, text.longest], lives.map(spread)))
      } else if (bounds.length > 0) {
        tell(text.boundsAbout, text.boundsLabel)
        const rows = bounds.map(({ least, most }) => [...spread(least.toSorted()), ...spread(most.toSorted())])
        chart.show(linesOfBounds(rows))
        numbers.replaceChildren(tableOf(text.bounds, rows))
      }
    },
  }
}

const spread = (sorted: Float32Array) => [0, 0.5, 1].map((share) => quantile(sorted, share))
const within = (tokens: number) => Math.min(Math.max(tokens, LEAST_TOKENS), MOST_TOKENS)
const halfLife = { label: text.halfLife, isLog: true }

/** A line a layer, over its channels. */
function linesOfChannels(lives: readonly Float32Array[]): ChartContent {
  const shares = Array.from({ length: POINTS + 1 }, (_, i) => i / POINTS)
  return {
    x: { label: text.channels },
    y: halfLife,
    at: shares.map((share) => share * 100),
    lines: lives.map((sorted, layer) => ({
      name: text.layerName(layer),
      values: shares.map((share) => within(quantile(sorted, share))),
    })),
  }
}

/** A line a number, over the layers. */
const linesOfBounds = (rows: readonly (readonly number[])[]): ChartContent => ({
  x: { label: text.layer },
  y: halfLife,
  at: rows.map((_, layer) => layer),
  isStepped: true,
  lines: text.bounds.map((name, i) => ({ name, values: rows.map((numbers) => within(numbers[i] as number)) })),
})

const tableOf = (names: readonly string[], rows: readonly (readonly number[])[]) =>
  createTable({
    caption: text.lifeTable,
    head: [text.layer, ...names],
    rows: rows.map((numbers, layer) => [String(layer), ...numbers.map(formatTokens)]),
  })
