/** @file A picture of numbers, such as of a state: a line a layer, a column a channel; colours from below 0 over nothing to above. */

import { element } from '../../panels/dom.ts'
import { resolveColor } from '../parts/theme.ts'

/** A picture of numbers. */
export interface HeatMap {
  readonly element: HTMLCanvasElement
  /** f32 (columns) for each line, and what it is to those who do not see it. */
  draw(lines: readonly Float32Array[], label: string): void
  /** Which number is under a point of the window. */
  find(event: { readonly clientX: number; readonly clientY: number }): { line: number; column: number } | undefined
}

const LINE_PX = 28 // while they are few
const MOST_PX = 420

/**
 * An empty picture. It takes its colours from the page: --below, --surface and --above.
 * @param isMatrix whether all numbers are compared, not those of a line, and lines are as high as columns are wide
 */
export function createHeatMap({ isMatrix = false } = {}): HeatMap {
  const canvas = element('canvas', { class: 'heat', 'aria-hidden': 'true' }) // there is nothing to see yet
  const pen = canvas.getContext('2d')
  let size = { lines: 0, columns: 0 }
  const mostOf = (values: Float32Array) => values.reduce((sofar, value) => Math.max(sofar, Math.abs(value)), 0)

  return {
    element: canvas,
    draw(all, label) {
      const lines = all.length
      const columns = all[0]?.length ?? 0
      if (!pen || lines === 0 || columns === 0) return
      if (size.lines !== lines || size.columns !== columns) {
        size = { lines, columns }
        canvas.width = columns
        canvas.height = lines
        if (isMatrix) canvas.style.maxWidth = `${MOST_PX}px`
        canvas.style.height = isMatrix ? 'auto' : `${Math.min(lines * LINE_PX, MOST_PX)}px`
      }
      canvas.removeAttribute('aria-hidden')
      canvas.setAttribute('role', 'img')
      canvas.setAttribute('aria-label', label)
      const [below, none, above] = ['--below', '--surface', '--above'].map((name) =>
        parseColor(resolveColor(canvas, `var(${name})`)),
      ) as [Color, Color, Color]
      const image = pen.createImageData(columns, lines)
      const mostOfAll = isMatrix ? Math.max(...all.map(mostOf)) : undefined
      all.forEach((values, line) => {
        const most = (mostOfAll ?? mostOf(values)) || 1
        values.forEach((value, c) => {
          // The root lifts what is small, or the few large numbers would be all one sees.
          const strength = Math.sqrt(Math.abs(value) / most)
          const end = value < 0 ? below : above
          for (let i = 0; i < 3; i++) {
            image.data[(line * columns + c) * 4 + i] =
              (none[i] as number) + ((end[i] as number) - (none[i] as number)) * strength
          }
          image.data[(line * columns + c) * 4 + 3] = 255
        })
      })
      pen.putImageData(image, 0, 0)
    },
    find({ clientX, clientY }) {
      const { left, top, width, height } = canvas.getBoundingClientRect()
      const column = Math.floor(((clientX - left) / width) * size.columns)
      const line = Math.floor(((clientY - top) / height) * size.lines)
      const isInside = column >= 0 && column < size.columns && line >= 0 && line < size.lines
      return isInside ? { line, column } : undefined
    },
  }
}

type Color = readonly number[]

/** Of rgb(r, g, b), 0 to 255 each. */
function parseColor(color: string): Color {
  return (color.match(/\d+/g) ?? []).map(Number)
}
