/** @file The card with the picture of a head's matrix, and the number under the pointer or in the fields. */

import type { ModelInfo } from '../../../src/index.ts'
import { element } from '../../panels/dom.ts'
import { onThemeChange } from '../parts/theme.ts'
import { createHeatMap } from './heat-map.ts'
import { matricesOf, matrixOf } from './rows.ts'
import { formatValue, text } from './text.ts'

/** The card. */
export interface MatrixCard {
  readonly element: HTMLElement
  /** Hidden where the model has no heads. @param state f32 (L, R, C) of the model that `info` describes */
  show(state: Float32Array, info: Pick<ModelInfo, 'config' | 'state'>): void
}

/** A card without a state. */
export function createMatrixCard(): MatrixCard {
  const map = createHeatMap({ isMatrix: true })
  const field = () => element('input', { type: 'number', min: '0', value: '0' })
  const [layer, head, key, value] = [field(), field(), field(), field()]
  const output = element('output', {})
  const labelled = (name: string, input: HTMLElement) => element('label', { class: 'field' }, name, input)
  const card = element(
    'section',
    { class: 'card' },
    element('h3', {}, text.matrix),
    element('p', { class: 'quiet' }, text.matrixAbout),
    element('div', { class: 'row probe' }, labelled(text.layer, layer), labelled(text.head, head)),
    map.element,
    element(
      'div',
      { class: 'row probe' },
      labelled(text.key, key),
      labelled(text.valueChannel, value),
      element('p', { class: 'field' }, text.value, output),
    ),
  )
  let lines: readonly Float32Array[] = []
  let redraw = () => {}

  const showNumber = () => {
    const found = lines[key.valueAsNumber]?.[value.valueAsNumber]
    output.textContent = found === undefined ? '–' : formatValue(found)
  }
  for (const input of [layer, head]) input.addEventListener('input', () => redraw())
  for (const input of [key, value]) input.addEventListener('input', showNumber)
  map.element.addEventListener('pointermove', (event) => {
    const at = map.find(event)
    if (!at) return
    key.valueAsNumber = at.line
    value.valueAsNumber = at.column
    showNumber()
  })
  onThemeChange(() => redraw())

  return {
    element: card,
    show(state, info) {
      const rows = matricesOf(info.state)
      card.hidden = rows === undefined
      if (!rows) return
      const { L, C } = info.config
      const N = rows.count
      layer.max = String(L - 1)
      head.max = String(C / N - 1)
      key.max = value.max = String(N - 1)
      redraw = () => {
        if (!(layer.checkValidity() && head.checkValidity())) return
        const [l, h] = [layer.valueAsNumber, head.valueAsNumber]
        lines = matrixOf(state, rows, { info, layer: l, head: h })
        map.draw(lines, text.matrixLabel(l, h, N))
        showNumber()
      }
      redraw()
    },
  }
}
