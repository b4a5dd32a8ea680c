/** @file The picture of a state: a line a layer, a column a channel, colours from below 0 over nothing to above. */

import { element } from '../../panels/dom.ts'
import { resolveColor } from '../parts/theme.ts'

/** A picture of numbers. */
export interface HeatMap {
  readonly element: HTMLCanvasElement
  /** f32 (C) for each layer, and what it is to those who do not see it. */
  draw(layers: readonly Float32Array[], label: string): void
  /** Which number is under a point of the window. */
  find(event: { readonly clientX: number; readonly clientY: number }): { layer: number; channel: number } | undefined
}

const LINE_PX = 28 // of a layer, while they are few
const MOST_PX = 420

/** An empty picture. It takes its colours from the page: --below, --surface and --above. */
export function createHeatMap(): HeatMap {
  const canvas = element('canvas', { class: 'heat', 'aria-hidden': 'true' }) // there is nothing to see yet
  const pen = canvas.getContext('2d')
  let size = { L: 0, C: 0 }

  return {
    element: canvas,
    draw(layers, label) {
      const L = layers.length
      const C = layers[0]?.length ?? 0
      if (!pen || L === 0 || C === 0) return
      if (size.L !== L || size.C !== C) {
        size = { L, C }
        canvas.width = C
        canvas.height = L
        canvas.style.height = `${Math.min(L * LINE_PX, MOST_PX)}px`
      }
      canvas.removeAttribute('aria-hidden')
      canvas.setAttribute('role', 'img')
      canvas.setAttribute('aria-label', label)
      const [below, none, above] = ['--below', '--surface', '--above'].map((name) =>
        parseColor(resolveColor(canvas, `var(${name})`)),
      ) as [Color, Color, Color]
      const image = pen.createImageData(C, L)
      layers.forEach((values, layer) => {
        const most = values.reduce((sofar, value) => Math.max(sofar, Math.abs(value)), 0) || 1
        values.forEach((value, c) => {
          // The root lifts what is small, or the few large channels would be all one sees.
          const strength = Math.sqrt(Math.abs(value) / most)
          const end = value < 0 ? below : above
          for (let i = 0; i < 3; i++) {
            image.data[(layer * C + c) * 4 + i] =
              (none[i] as number) + ((end[i] as number) - (none[i] as number)) * strength
          }
          image.data[(layer * C + c) * 4 + 3] = 255
        })
      })
      pen.putImageData(image, 0, 0)
    },
    find({ clientX, clientY }) {
      const { left, top, width, height } = canvas.getBoundingClientRect()
      const channel = Math.floor(((clientX - left) / width) * size.C)
      const layer = Math.floor(((clientY - top) / height) * size.L)
      const isInside = channel >= 0 && channel < size.C && layer >= 0 && layer < size.L
      return isInside ? { layer, channel } : undefined
    },
  }
}

type Color = readonly number[]

/** Of rgb(r, g, b), 0 to 255 each. */
function parseColor(color: string): Color {
  return (color.match(/\d+/g) ?? []).map(Number)
}
