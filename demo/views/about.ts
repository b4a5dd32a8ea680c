/** @file What this page is, what it runs on, and what leaves the machine. */

import type { ModelInfo } from '../../src/index.ts'
import type { App, View } from '../app.ts'
import { element } from '../panels/dom.ts'
import { formatBytes, formatCount, text as pageText } from '../text.ts'
import { type Diagnostics, readDiagnostics, version } from './about/diagnostics.ts'
import { text } from './about/text.ts'
import { createDetails, createFacts, createTable, type Fact, factRows } from './parts/facts.ts'
import { createJsonText } from './parts/json-text.ts'
import { sayNoModel } from './parts/no-model.ts'

/** The view `#about`. */
export function createAboutView({ chat }: App): View {
  const title = pageText.views.about
  const software = element('p', { class: 'note', role: 'note' })
  const device = element('div', {})
  const none = element('p', { class: 'quiet' })
  const model = createFacts()
  const modelCard = element('section', { class: 'card' }, element('h3', {}, text.model), model)
  const here = createFacts()
  const json = createJsonText({ label: text.diagnostics, copy: text.copy, unfold: text.show })

  let shown: { readonly info: ModelInfo | undefined } | undefined
  function show(info: ModelInfo | undefined, found: Diagnostics): void {
    const isOnCpu = info?.device.name === 'wasm'
    software.hidden = !(isOnCpu || info?.adapter.isFallback)
    software.textContent = isOnCpu ? text.onCpu : text.software
    if (!shown || shown.info !== info) {
      shown = { info } // what is unfolded stays so while the model is the same
      device.replaceChildren(...(info ? deviceParts(info) : [none]))
    }
    none.textContent = sayNoModel(chat.state)
    modelCard.hidden = !info
    model.replaceChildren(...factRows(info ? modelFacts(info) : []))
    here.replaceChildren(...factRows(hereFacts(found)))
    json.show(found)
  }

  const refresh = async () => {
    const { info } = chat
    show(info, await readDiagnostics(info))
  }
  let isShown = false
  chat.addEventListener('statechange', () => void (isShown && refresh()))
  return {
    element: element(
      'main',
      { class: 'view about', 'aria-label': title },
      element('h2', {}, title),
      element('p', {}, text.what),
      element(
        'section',
        { class: 'card' },
        element('h3', {}, text.leavesTitle),
        element('p', {}, element('strong', {}, text.leaves), ` ${text.leavesMore}`),
      ),
      software,
      element(
        'div',
        { class: 'cards' },
        element('section', { class: 'card' }, element('h3', {}, text.runsOn), device),
        modelCard,
        element('section', { class: 'card' }, element('h3', {}, text.here), here),
        element(
          'section',
          { class: 'card' },
          element('h3', {}, text.diagnostics),
          element('p', { class: 'quiet' }, text.diagnosticsNote),
          json.element,
        ),
      ),
    ),
    show() {
      isShown = true
      void refresh()
    },
    hide() {
      isShown = false
    },
  }
}

function deviceParts({ device, adapter }: ModelInfo): Node[] {
  const { vendor, architecture, description, isFallback, limits, features } = adapter
  const isOnCpu = device.name === 'wasm'
  const gpu = isFallback ? text.gpuInSoftware : text.gpu
  const names: readonly Fact[] = [
    [text.vendor, vendor || text.unnamed],
    [text.architecture, architecture || text.unnamed],
  ]
  return [
    createFacts([
      [text.computedBy, isOnCpu ? text.cpu : gpu],
      [text.why, device.reason],
      ...(isOnCpu ? [] : names), // no browser names the CPU
      [text.description, description || text.unnamed],
    ]),
    createDetails(
      text.limitsTitle,
      createTable({
        caption: text.limitsNote,
        head: [text.limit, text.runsOn],
        rows: Object.entries(limits).map(([name, limit]) => [name, formatCount(limit)]),
      }),
    ),
    createDetails(text.features, element('p', { class: 'quiet' }, features.join(', ') || text.noFeatures)),
  ]
}

function modelFacts({
  name,
  config,
  weights,
  weightByteLength,
  stateByteLength,
  license,
  fingerprint,
}: ModelInfo): Fact[] {
  return [
    [text.name, name],
    [text.version, `RWKV-${config.version}`],
    [text.shape, `${config.L} × ${config.C}`],
    [text.vocabulary, text.tokens(formatCount(config.V))],
    [text.weights, text.weightsOf(formatBytes(weightByteLength), weights)],
    [text.state, text.constant(formatBytes(stateByteLength))],
    [text.license, license],
    [text.fingerprint, fingerprint.slice(0, 16)],
  ]
}

function hereFacts({ browser, secureContext, storage }: Diagnostics): Fact[] {
  return [
    [text.page, version],
    [text.browser, browser],
    [text.secure, secureContext ? text.yes : text.no],
    [text.stored, formatBytes(storage.usedByteLength)],
  ]
}
