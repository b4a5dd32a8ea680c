/** @file The view Bench: our kernels on the visitor's device, in each preset, from the first token to the 20,000th. */

import type { DeviceName, KernelTime, ModelInfo } from '../../src/index.ts'
import type { App, View } from '../app.ts'
import { element } from '../panels/dom.ts'
import { formatAdapter, formatBytes, formatShort, text as pageText, tell } from '../text.ts'
import { version } from './about/diagnostics.ts'
import './bench/bench.css'
import { measureSetup, type Setup, type SetupResult } from './bench/measure.ts'
import type { ProductReport } from './bench/product-costs.ts'
import { createProductsCard } from './bench/products-card.ts'
import { measureStreaming } from './bench/stream.ts'
import { formatRate, formatSeconds, formatShare, formatWhole, nameOf, text } from './bench/text.ts'
import { createChart } from './parts/chart.ts'
import { createDetails, createTable } from './parts/facts.ts'
import { createJsonText } from './parts/json-text.ts'
import { sayNoModel } from './parts/no-model.ts'
import { alone, createRun } from './parts/work.ts'

const SETUPS: Readonly<Record<DeviceName, readonly Setup[]>> = {
  webgpu: [
    { device: 'webgpu', preset: 'gpu' },
    { device: 'webgpu', preset: 'software' },
  ],
  wasm: [{ device: 'wasm' }],
}
const POSITIONS = [16, 64, 200, 1000, 2000, 5000, 10_000, 20_000]
const UNTIL = [64, 1000, 5000, 20_000]

/** What was measured of a model. */
interface ModelReport {
  readonly device: ModelInfo['device']
  readonly adapter: ModelInfo['adapter']
  readonly model: Pick<ModelInfo, 'name' | 'config' | 'weights' | 'weightByteLength' | 'stateByteLength'>
  /** What a kernel reaches that only reads; of WebGPU. */
  readonly streamingBytesPerSecond: number | undefined
  readonly setups: readonly SetupResult[]
}

/** What "Copy result" gives. */
interface Report extends Partial<ModelReport> {
  readonly rwkvJs: string
  readonly browser: string
  readonly at: string
  readonly products?: ProductReport
}

/** The view `#bench`. */
export function createBenchView({ chat }: App): View {
  const title = pageText.views.bench
  const until = element(
    'select',
    {},
    ...UNTIL.map((tokens) => element('option', { value: String(tokens) }, text.tokens(formatWhole(tokens)))),
  )
  until.value = '1000'
  const chart = createChart(text.plotLabel)
  const first = element('p', { 'aria-live': 'polite' })
  const streaming = element('p', { class: 'quiet' })
  const [table, numbers, kernels] = [element('div', {}), element('div', {}), element('div', {})]
  const json = createJsonText({ label: text.result, copy: text.copy, unfold: text.show })
  const taken = element(
    'section',
    { class: 'card', hidden: true },
    element('h3', {}, text.taken),
    element('p', { class: 'quiet' }, text.takenAbout),
    json.element,
  )
  const result = element(
    'div',
    { hidden: true },
    element('section', { class: 'card' }, element('h3', {}, text.result), table, streaming),
    element(
      'section',
      { class: 'card' },
      element('h3', {}, text.plot),
      chart.element,
      createDetails(text.inNumbers, numbers),
    ),
    element('section', { class: 'card' }, element('h3', {}, text.kernels), kernels),
  )

  let all: Partial<Report> = {}
  const take = (more: Partial<Report>) => {
    all = { ...all, ...more }
    const report: Report = { rwkvJs: version, browser: navigator.userAgent, at: new Date().toISOString(), ...all }
    json.clear()
    json.show(report)
    taken.hidden = false
  }

  const products = createProductsCard({
    alone: (run) => alone(() => measuring.start, run),
    onReport: (found) => take({ products: found }),
  })
  const measuring = createRun({
    label: text.run,
    cancelLabel: text.cancel,
    describe: (error) => tell(error),
    run: alone(
      () => products.start,
      async (signal, show) => {
        const { info, src, files } = chat
        if (!info) throw new Error(sayNoModel(chat.state))
        const source = files ?? new URL(src ?? '', document.baseURI).href
        const positions = POSITIONS.filter((position) => position <= Number(until.value))
        const wanted = SETUPS[info.device.name]
        const total = wanted.length
        first.textContent = ''
        const setups: SetupResult[] = []
        for (const [done, setup] of wanted.entries()) {
          show({ done, total, words: text.loading(nameOf(setup)) })
          let begun = 0 // of the positions, which take longest
          setups.push(
            await measureSetup({
              source,
              setup,
              positions,
              signal,
              now: () => performance.now(),
              onReply(tokensPerSecond) {
                first.textContent = [first.textContent, text.first(nameOf(setup), formatShort(tokensPerSecond))]
                  .join(' ')
                  .trim()
                begun = performance.now()
              },
              onProgress(share) {
                const leftMs = ((performance.now() - begun) / share) * (1 - share)
                const words = text.measuring(nameOf(setup), formatShare(share), formatSeconds(leftMs), total - done - 1)
                show({ done: done + share, total, words })
              },
            }),
          )
        }
        show({ done: total, total: 0, words: text.streaming })
        const streamingBytesPerSecond = info.device.name === 'webgpu' ? await measureStreaming(signal) : undefined
        const { name, config, weights, weightByteLength, stateByteLength, device, adapter } = info
        const model = { name, config, weights, weightByteLength, stateByteLength }
        const report = { device, adapter, model, streamingBytesPerSecond, setups }
        showReport(report, info.preset)
        take(report)
      },
    ),
  })

  function showReport(report: ModelReport, usual: ModelInfo['preset']): void {
    const { setups, adapter, streamingBytesPerSecond } = report
    const names = setups.map((setup) =>
      setup.preset !== undefined && setup.preset === usual ? text.usual(nameOf(setup)) : nameOf(setup),
    )
    const row = (name: string, of: (found: SetupResult) => string) => [name, ...setups.map(of)]
    const share = ({ weightByteLength, tokensPerSecond }: SetupResult, streaming: number) =>
      (weightByteLength * tokensPerSecond) / streaming
    const at = setups[0]?.positions.map(({ tokens }) => tokens) ?? []
    const ms = (found: SetupResult, i: number) => found.positions[i]?.msPerToken ?? 0
    table.replaceChildren(
      createTable({
        caption: text.table(formatAdapter(adapter)),
        head: [text.measure, ...names],
        rows: [
          row(text.reply, ({ tokensPerSecond }) => formatShort(tokensPerSecond)),
          row(text.prefill, ({ prefillTokensPerSecond }) => formatShort(prefillTokensPerSecond)),
          ...(streamingBytesPerSecond === undefined
            ? []
            : [row(text.streamingShare, (found) => formatShare(share(found, streamingBytesPerSecond)))]),
          row(text.memory, ({ gpuByteLength }) => formatBytes(gpuByteLength.late)),
          row(text.grown, ({ gpuByteLength: { early, late } }) => formatWhole(late - early)),
          ...(report.device.name === 'wasm'
            ? []
            : [
                row(text.dispatches, ({ perToken }) => formatShort(perToken.dispatches)),
                row(text.submits, ({ perToken }) => formatShort(perToken.submits)),
                row(text.readBack, ({ perToken }) => formatWhole(perToken.bytesReadBack)),
              ]),
          row(text.load, ({ loadMs }) => text.ms(formatWhole(loadMs))),
        ],
      }),
    )
    streaming.textContent =
      streamingBytesPerSecond === undefined ? '' : text.streamingIs(formatRate(streamingBytesPerSecond))
    result.hidden = false
    chart.show({
      x: { label: text.position },
      y: { label: text.msAToken, fromZero: true },
      at,
      lines: setups.map((found, i) => ({ name: names[i] ?? '', values: at.map((_, place) => ms(found, place)) })),
    })
    kernels.replaceChildren(...kernelTimes(setups, names))
    numbers.replaceChildren(
      createTable({
        caption: text.plot,
        head: [text.position, ...names],
        rows: at.map((tokens, i) => [formatWhole(tokens), ...setups.map((found) => formatShort(ms(found, i)))]),
      }),
    )
  }

  return {
    element: element(
      'main',
      { class: 'view bench', 'aria-label': title },
      element('h2', {}, title),
      element('p', {}, text.intro),
      element(
        'section',
        { class: 'card' },
        element('div', { class: 'row' }, element('label', { class: 'field' }, text.until, until), measuring.start),
        element('p', { class: 'quiet' }, text.note),
        first,
        measuring.work.element,
        measuring.failed,
      ),
      products.element,
      taken,
      result,
    ),
  }
}

/** What each kernel takes of a token, in the order of the last setup. */
function kernelTimes(setups: readonly SetupResult[], names: readonly string[]): readonly HTMLElement[] {
  const all = setups.map(({ kernels }) => kernels ?? [])
  const longest = all.at(-1) ?? []
  if (longest.length === 0) return [element('p', { class: 'quiet' }, text.noKernels)]
  const ms = (of: readonly KernelTime[], name: string) => of.find(({ kernel }) => kernel === name)?.elapsedMs ?? 0
  return [
    element('p', { class: 'quiet' }, text.kernelsAbout),
    createTable({
      caption: text.kernels,
      head: [text.kernel, text.timesAToken, ...names.map(text.msOf)],
      rows: longest.map(({ kernel, dispatches }) => [
        kernel,
        formatWhole(dispatches),
        ...all.map((of) => formatShort(ms(of, kernel))),
      ]),
    }),
  ]
}
