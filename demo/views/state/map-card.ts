/** @file The card with the picture of the state, what is shown of it, and the number under the pointer or in the fields. */

import type { ModelInfo } from '../../../src/index.ts'
import { element } from '../../panels/dom.ts'
import { createDetails, createTable } from '../parts/facts.ts'
import { onThemeChange } from '../parts/theme.ts'
import { createHeatMap } from './heat-map.ts'
import { type Shown, shownOf, summarize, valuesOf } from './rows.ts'
import { formatValue, text } from './text.ts'

/** The card. */
export interface MapCard {
  readonly element: HTMLElement
  /** What must be in sight for a picture to be worth drawing. */
  readonly picture: HTMLElement
  /** @param state f32 (L, R, C) of the model that `info` describes */
  show(state: Float32Array, info: Pick<ModelInfo, 'config' | 'state'>): void
}

/** A card without a state. */
export function createMapCard(): MapCard {
  const map = createHeatMap()
  const choice = element('select')
  let choices: readonly Shown[] = []
  const layer = element('input', { type: 'number', min: '0', value: '0' })
  const channel = element('input', { type: 'number', min: '0', value: '0' })
  const value = element('output', {})
  const numbers = element('div', {})
  const details = createDetails(text.byLayer, numbers)
  let layers: readonly Float32Array[] = []
  let redraw = () => {}

  const showValue = () => {
    const found = layers[layer.valueAsNumber]?.[channel.valueAsNumber]
    value.textContent = found === undefined ? '–' : formatValue(found)
  }
  const fillTable = () => {
    if (!details.open) return
    numbers.replaceChildren(
      createTable({
        caption: choices[choice.selectedIndex]?.label ?? '',
        head: [text.layer, text.least, text.most, text.norm],
        rows: layers.map((values, i) => {
          const { least, most, norm } = summarize(values)
          return [String(i), formatValue(least), formatValue(most), formatValue(norm)]
        }),
      }),
    )
  }
  choice.addEventListener('change', () => redraw())
  details.addEventListener('toggle', fillTable)
  for (const field of [layer, channel]) field.addEventListener('input', showValue)
  map.element.addEventListener('pointermove', (event) => {
    const at = map.find(event)
    if (!at) return
    layer.valueAsNumber = at.line
    channel.valueAsNumber = at.column
    showValue()
  })
  onThemeChange(() => redraw())

  return {
    picture: map.element,
    element: element(
      'section',
      { class: 'card' },
      element('h3', {}, text.map),
      element('p', { class: 'quiet' }, text.mapAbout),
      element('div', { class: 'row' }, element('label', { class: 'field wide' }, text.row, choice)),
      map.element,
      element(
        'div',
        { class: 'row probe' },
        element('label', { class: 'field' }, text.layer, layer),
        element('label', { class: 'field' }, text.channel, channel),
        element('p', { class: 'field' }, text.value, value),
        element('p', { class: 'legend quiet' }, text.below, element('span', { class: 'scale' }), text.above),
      ),
      details,
    ),
    show(state, info) {
      const { L, C } = info.config
      const offered = shownOf(info.state)
      if (offered.map(({ label }) => label).join() !== choices.map(({ label }) => label).join())
        choice.replaceChildren(...offered.map(({ label }) => element('option', {}, label)))
      choices = offered
      layer.max = String(L - 1)
      channel.max = String(C - 1)
      redraw = () => {
        const shown = choices[choice.selectedIndex]
        if (!shown) return
        layers = valuesOf(state, shown, info)
        map.draw(layers, text.mapLabel(shown.label, L, C))
        map.element.dataset.drawn = String(Number(map.element.dataset.drawn ?? 0) + 1)
        showValue()
        fillTable()
      }
      redraw()
    },
  }
}
