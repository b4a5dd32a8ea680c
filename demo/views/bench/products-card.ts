/** @file The card of Bench that tries every shape of the kernels that multiply, which takes no model. */

import { proxy } from 'comlink'
import workerUrl from '../../../workers/products.worker.ts?worker&url'
import { element } from '../../panels/dom.ts'
import { formatAdapter, formatShort, tell } from '../../text.ts'
import { createTable } from '../parts/facts.ts'
import { createRun, type RunOptions } from '../parts/work.ts'
import { runInWorker } from '../parts/worker-run.ts'
import { kindsOf, nameOfShape, type ProductReport, type ProductsWorker } from './product-costs.ts'
import { text as all, formatWhole } from './text.ts'

const text = all.products
const BUDGET_MS = 75_000

/** What `createProductsCard` takes. */
export interface ProductsCardOptions {
  /** Nothing else may run meanwhile. */
  readonly alone: (run: RunOptions['run']) => RunOptions['run']
  readonly onReport: (report: ProductReport) => void
}

/** The card, and its button. */
export function createProductsCard({ alone, onReport }: ProductsCardOptions) {
  const found = element('div', { class: 'found' })
  const { start, work, failed } = createRun({
    label: text.run,
    cancelLabel: all.cancel,
    describe: (error) => tell(error),
    run: alone(async (signal, show) => {
      show({ done: 0, total: 0, words: text.starting })
      const report = await runInWorker<ProductsWorker, ProductReport>(workerUrl, signal, (worker) =>
        worker.measure(
          BUDGET_MS,
          proxy(({ done, total, codec, tokens }) => {
            show({ done, total, words: text.trying(codec, formatWhole(tokens)) })
          }),
        ),
      )
      found.replaceChildren(...resultOf(report))
      onReport(report)
    }),
  })
  const isHere = 'gpu' in navigator
  return {
    start,
    element: element(
      'section',
      { class: 'card' },
      element('h3', {}, text.title),
      element('p', { class: 'quiet' }, text.about),
      isHere ? element('div', { class: 'row' }, start) : element('p', {}, text.noWebGpu),
      work.element,
      failed,
      found,
    ),
  }
}

function resultOf({ adapter, rows, columns, costs, leftOut }: ProductReport): HTMLElement[] {
  const ms = (value: number | undefined) => (value === undefined ? '–' : formatShort(value))
  const table = createTable({
    caption: text.table(formatWhole(rows), formatWhole(columns), formatAdapter(adapter)),
    head: [text.product, all.msOf('gpu'), all.msOf('software'), text.fastestMs, text.fastest],
    rows: kindsOf(costs).map(({ codec, tokens, fastest, msOf }) => [
      text.kind(codec, formatWhole(tokens)),
      ms(msOf('gpu')),
      ms(msOf('software')),
      ms(fastest.wallMs),
      nameOfShape(fastest.shape),
    ]),
  })
  const missing = leftOut.length > 0 ? ` ${text.leftOut(formatWhole(leftOut.length))}` : ''
  return [table, element('p', { class: 'quiet' }, `${text.shapes}${missing}`)]
}
