/** @file One model of the list: what it is, what of it is here, and what can be done with it. */

import {
  type CatalogueEntry,
  type StoredModel,
  type WeightFormat,
  weightByteLengthOf,
  weightFormats,
} from '../../../src/index.ts'
import { button, element } from '../../panels/dom.ts'
import { createModelChoices } from '../../panels/model-choices.ts'
import { formatBytes, formatProgress, tell } from '../../text.ts'
import { createDetails, createTable } from '../parts/facts.ts'
import { createWork } from '../parts/work.ts'
import { createDownload } from './downloads.ts'
import { fitOf, formatOf } from './fit.ts'
import type { Room } from './gpu-room.ts'
import { askIfLarge } from './large-download.ts'
import { formatDownload, text } from './text.ts'

/** What is known of a model before it is opened. */
export interface ListedModel
  extends Partial<Pick<CatalogueEntry, 'byteLength' | 'config' | 'weights' | 'recommended' | 'license'>> {
  readonly name: string
  readonly source: string
  readonly about: string
}

/** What `createModelCard` takes. */
export interface ModelCardOptions {
  readonly model: ListedModel
  /** What opens it, with the weights of its file or others. */
  readonly hrefOf: (weights?: WeightFormat) => string
  readonly onRemove: () => Promise<void>
  /** What is stored has changed. */
  readonly onStored: () => void
  /** Its place has several models, of which this address was chosen. */
  readonly onChoose: (source: string) => void
}

/** A card of the list. */
export interface ModelCard {
  readonly element: HTMLElement
  /** Whether it is the one in the chat. */
  showInUse(isInUse: boolean): void
  /** How much there is to download, where it was not known before. */
  showSize(byteLength: number): void
  showStored(stored: StoredModel | undefined): void
  showRoom(room: Room | undefined): void
  /** Whether it is the one for this device. */
  showRecommended(isRecommended: boolean): void
}

/** A card that knows nothing of what is stored. */
export function createModelCard({ model, hrefOf, onRemove, onStored, onChoose }: ModelCardOptions): ModelCard {
  const { name, source, about, license, recommended } = model
  let { byteLength } = model
  const inUse = element('span', { class: 'badge', hidden: true }, text.current)
  const forThisDevice = element('span', { class: 'badge best', hidden: true }, text.forThisDevice)
  const size = element('span', {})
  const fit = element('span', {})
  const state = element('span', {})
  const failed = element('p', { class: 'failed', role: 'alert', hidden: true })
  const several = element('div', {})
  const needs = element('div', {})
  let stored: StoredModel | undefined
  let isWhole = false

  const act = (label: string, work: () => void, look = 'small') =>
    button(label, work, { class: look, 'aria-label': text.of(label, name) })
  const pause = act(text.pause, () => download.pause())
  const resume = act(text.resume, () => download.start(), 'small primary')
  const cancel = act(text.cancel, () => download.cancel())
  const work = createWork(text.progressOf(name), pause, resume, cancel)
  const begin = act(text.download, () => askIfLarge(name, byteLength, () => download.start()))
  const open = element(
    'a',
    { class: 'button small', href: hrefOf(recommended), 'aria-label': text.of(text.open, name) },
    text.open,
  )
  open.addEventListener('click', (event) => {
    if (isWhole) return
    event.preventDefault()
    askIfLarge(name, byteLength, () => location.assign(open.href))
  })
  // The second press deletes; anything else takes the first one back.
  const remove = act(text.remove, () => {
    if (remove.dataset.sure) return void onRemove().then(() => begin.focus())
    sure(true)
  })
  const sure = (isSure: boolean) => {
    const label = isSure ? text.reallyRemove : text.remove
    remove.textContent = label
    remove.setAttribute('aria-label', text.of(label, name))
    if (isSure) remove.dataset.sure = 'true'
    else delete remove.dataset.sure
  }
  remove.addEventListener('blur', () => sure(false))

  const download = createDownload(source, { onChange: show, onEnd: onStored })

  function show(): void {
    const { state: now, progress, error } = download
    const isMoving = now === 'running' || now === 'paused'
    if (isMoving) {
      const step = progress ?? { loaded: 0, total: 0 }
      const words = progress && now === 'running' ? formatDownload(progress) : text.paused(formatProgress(step))
      work.show({ done: step.loaded, total: step.total, words: progress ? words : text.asking })
    } else work.hide()
    // The focus stays on what can be pressed next.
    const wasFocused = [pause, resume, begin].some((one) => one === document.activeElement)
    pause.hidden = now !== 'running'
    resume.hidden = now !== 'paused'
    begin.hidden = isMoving || isWhole
    remove.hidden = isMoving || !stored
    open.classList.toggle('primary', isWhole && Boolean(inUse.hidden))
    begin.classList.toggle('primary', !forThisDevice.hidden)
    const hasPart = stored !== undefined && !isWhole
    begin.textContent = hasPart ? text.resume : text.download
    begin.setAttribute('aria-label', text.of(begin.textContent, name))
    size.textContent = byteLength
      ? text.about(formatBytes(byteLength), isStated(license) ? license : text.unknownLicense)
      : source
    if (wasFocused) [pause, resume, begin].find(({ hidden }) => !hidden)?.focus()
    failed.hidden = now !== 'failed'
    failed.textContent = now === 'failed' ? tell(error) : ''
    const choices = now === 'failed' && createModelChoices(error, ({ source }) => source && onChoose(source))
    several.replaceChildren(...(choices ? [choices] : []))
    state.textContent = !stored
      ? text.absent
      : isWhole
        ? text.kept(formatBytes(stored.byteLength))
        : text.partly(formatBytes(stored.storedByteLength), formatBytes(allOf(stored, byteLength)))
  }

  show()
  return {
    element: element(
      'li',
      { class: 'card model', 'data-model': source },
      element(
        'div',
        { class: 'what' },
        element('h3', {}, name, ' ', inUse, forThisDevice),
        element('p', {}, about),
        element('p', { class: 'quiet' }, size),
        element('p', { class: 'quiet' }, state, fit),
      ),
      element('div', { class: 'row' }, open, begin, remove),
      work.element,
      failed,
      several,
      needs,
    ),
    showInUse(isInUse) {
      inUse.hidden = !isInUse
      show()
    },
    showRecommended(isRecommended) {
      forThisDevice.hidden = !isRecommended
      show()
    },
    showSize(found) {
      byteLength = found
      show()
    },
    showStored(found) {
      stored = found
      isWhole = found !== undefined && found.storedByteLength === found.byteLength && hasWeights(found)
      show()
    },
    showRoom(room) {
      const { config, weights } = model
      if (!config || !weights) return
      const best = weightByteLengthOf({ config, weights }, formatOf({ weights, ...(recommended && { recommended }) }))
      fit.dataset.fit = fitOf(best, room)
      fit.textContent = ` · ${text.fitsHere[fitOf(best, room)]}`
      const nameOf = (format: WeightFormat) =>
        format === weights ? text.ownFormat(format) : format === recommended ? text.recommended(format) : format
      const sizes = weightFormats.map((format) => ({ format, bytes: weightByteLengthOf({ config, weights }, format) }))
      const all = sizes.map(({ bytes }) => bytes)
      const [isOpen] = [needs.querySelector('details')?.open ?? false]
      const details = createDetails(
        text.needs(formatBytes(Math.min(...all)), formatBytes(Math.max(...all))),
        createTable({
          caption: text.needsTable(name),
          head: [text.weights, text.memory, text.fits, text.open],
          rows: sizes.map(({ format, bytes }) => [
            nameOf(format),
            formatBytes(bytes),
            text.fit[fitOf(bytes, room)],
            element('a', { href: hrefOf(format), 'aria-label': text.openIn(format, name) }, text.open),
          ]),
        }),
      )
      details.open = isOpen
      needs.replaceChildren(details)
    },
  }
}

/** The catalogue says of some that it is not. */
const isStated = (license: string | undefined): license is string =>
  license !== undefined && !license.startsWith('not stated')

/** The vocabulary comes first, so that it is here does not mean that the model is. */
function hasWeights({ files }: StoredModel): boolean {
  return files.some(({ name }) => !/\.(txt|json)$/i.test(name))
}

function allOf(stored: StoredModel, remoteByteLength = 0): number {
  return hasWeights(stored) ? stored.byteLength : Math.max(stored.byteLength, remoteByteLength)
}
