/**
 * @file Lines over numbers, drawn by uPlot. A chart follows the page's colours and the width it is given; to those who do
 * not see it, it is its label, so the same numbers must stand beside it as text.
 */

import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { element } from '../../panels/dom.ts'
import { formatShort } from '../../text.ts'
import { onThemeChange, resolveColor } from './theme.ts'

/** An axis of a chart. */
export interface Axis {
  readonly label: string
  /** As powers of ten. Values must be above 0. */
  readonly isLog?: boolean
  /** From 0, even if all values are far from it. */
  readonly fromZero?: boolean
}

/** One line. */
export interface Line {
  readonly name: string
  /** In the order of the x values; null where there is none. */
  readonly values: readonly (number | null)[]
}

/** What a chart shows. */
export interface ChartContent {
  readonly x: Axis
  readonly y: Axis
  /** Ascending. */
  readonly at: readonly number[]
  readonly lines: readonly Line[]
  /** Nothing lies between two places: from one to the next a line goes on as it was, then jumps. */
  readonly isStepped?: boolean
}

/** A chart. */
export interface Chart {
  readonly element: HTMLElement
  show(content: ChartContent): void
}

const HEIGHT = 260
const SMALL_WIDTH = 480

/** An empty chart, which says `label` to those who do not see it. */
export function createChart(label: string): Chart {
  const root = element('div', { class: 'chart', role: 'img', 'aria-label': label })
  let plot: uPlot | undefined
  let shape = ''
  let content: ChartContent | undefined

  const resize = () => {
    if (plot && root.clientWidth > 0)
      plot.setSize({ width: root.clientWidth, height: heightOf(plot.series.length - 1) })
  }
  new ResizeObserver(resize).observe(root)
  onThemeChange(() => {
    shape = ''
    if (content) show(content)
  })

  function show(next: ChartContent): void {
    content = next
    const { x, y, at, lines, isStepped } = next
    const data = [at, ...lines.map(({ values }) => values)] as uPlot.AlignedData
    const wanted = JSON.stringify([x, y, isStepped, lines.map(({ name }) => name)])
    if (plot && wanted === shape) {
      plot.setData(data)
      return
    }
    shape = wanted
    plot?.destroy()
    plot = new uPlot(optionsOf(next, root), data, root)
    resize()
  }
  return { element: root, show }
}

const heightOf = (lines: number) => HEIGHT + (lines > 1 ? 24 : 0)

function optionsOf({ x, y, at, lines, isStepped }: ChartContent, root: HTMLElement): uPlot.Options {
  const quiet = resolveColor(root, 'var(--quiet)')
  const faint = resolveColor(root, 'var(--line)')
  const colors = lines.map((_, i) => resolveColor(root, colorOf(i, lines.length)))
  const axis = ({ label }: Axis): uPlot.Axis => ({
    label,
    labelSize: 22,
    font: '12px system-ui, sans-serif',
    labelFont: '12px system-ui, sans-serif',
    stroke: quiet,
    grid: { stroke: faint, width: 1 },
    ticks: { show: false },
    values: (_, splits) => splits.map((value) => (value === null ? '' : formatShort(value))),
  })
  const steps = isStepped && uPlot.paths.stepped?.({ align: 1 })
  return {
    width: root.clientWidth || SMALL_WIDTH,
    height: heightOf(lines.length),
    cursor: { drag: { x: false, y: false }, points: { size: 7 } },
    legend: { show: lines.length > 1, live: false, markers: { fill: (_, i) => colors[i - 1] ?? quiet } },
    scales: {
      x: { time: false, ...(x.isLog && { distr: 3 as const }) },
      y: {
        ...(y.isLog && { distr: 3 as const }),
        ...(y.fromZero && { range: (_, __, most) => [0, most * 1.08 || 1] }),
      },
    },
    axes: [
      { ...axis(x), size: 34 },
      { ...axis(y), size: 52 },
    ],
    series: [
      {},
      ...lines.map((line, i) => ({
        label: line.name,
        stroke: colors[i] ?? quiet,
        width: 2,
        spanGaps: true,
        ...(steps && { paths: steps }),
        points: { show: at.length < 40, size: 5, fill: colors[i] ?? quiet },
      })),
    ],
  }
}

/** Few lines get colours that differ; many get the steps of one scale, from the first to the last. */
function colorOf(index: number, count: number): string {
  const hue = count <= 2 ? [162, 262][index] : 160 + (index / (count - 1)) * 190
  return `light-dark(hsl(${hue} 58% 36%), hsl(${hue} 52% 68%))`
}
