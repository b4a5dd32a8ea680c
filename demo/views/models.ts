/** @file The view of models: those one can have, what is here of them, and the room there is. */

import { canonicalAddress } from '../../src/core/address.ts'
import { catalogue, keepStoredModels, removeStoredModel, storageRoom, storedModels } from '../../src/index.ts'
import type { App, View } from '../app.ts'
import { listKept, nameOfFiles, removeKept } from '../own/kept-models.ts'
import { button, element } from '../panels/dom.ts'
import { formatBytes, text as pageText, tell } from '../text.ts'
import { recommend } from './models/fit.ts'
import { measureRoom, type Room } from './models/gpu-room.ts'
import { isPhone } from './models/large-download.ts'
import { createModelCard, type ListedModel, type ModelCard } from './models/model-card.ts'
import './models/models.css'
import { createOwnCard } from './models/own-card.ts'
import { remoteSizeOf } from './models/remote-size.ts'
import { createStartStateCard } from './models/start-state-card.ts'
import { formatShare, sayAbout, sayName, sayWeights, text } from './models/text.ts'
import { createFacts, factRows } from './parts/facts.ts'
import { sayNoModel } from './parts/no-model.ts'
import { createRun } from './parts/work.ts'

const BESIDE_BYTES = 128 * 1024 * 1024 // of WebAssembly's memory, for what is not weights

/** As the page and the engine name a model. */
const nameInStore = (source: string) => canonicalAddress(source, document.baseURI)

/** The view `#models`. */
export function createModelsView(app: App): View {
  const { chat, openFiles, notices, startStates } = app
  const title = pageText.views.models
  const cards = new Map<string, ModelCard>()
  const here = element('ul', { class: 'list', 'aria-label': title })
  const own = element('ul', { class: 'list', 'aria-label': text.own })
  const hub = element('ul', { class: 'list', 'aria-label': text.hub })
  const [builtIn] = catalogue
  const asked = new URLSearchParams(location.search)
  const device = asked.get('device')
  const current = nameInStore(asked.get('model') || (builtIn?.source ?? ''))
  let room: Room | undefined

  const fail = (error: unknown) => notices.show(tell(error))

  function add(model: ListedModel): ModelCard {
    const name = nameInStore(model.source)
    const isBuiltIn = model.source === builtIn?.source
    const card = createModelCard({
      model: { ...model, source: name },
      hrefOf(weights) {
        const query = new URLSearchParams({
          ...(!isBuiltIn && { model: name }),
          ...(weights && { weights }),
          ...(device && { device }),
        })
        return query.size > 0 ? `./?${query}` : './'
      },
      onRemove: async () => {
        await removeStoredModel(name).catch(fail)
        await startStates.kept.removeAll(name).catch(fail)
        await refresh()
      },
      onStored: () => void refresh().catch(fail),
      onChoose: (choice) => show(addByAddress(choice)),
    })
    cards.set(name, card)
    ;(isBuiltIn ? here : hub).append(card.element)
    card.showRoom(roomOfCpu() ?? room)
    card.showInUse(isInUse(name))
    return card
  }
  /** WebAssembly says what it gives, WebGPU does not. */
  const roomOfCpu = (): Room | undefined => {
    const most = chat.info?.device.name === 'wasm' && chat.info.adapter.limits.maxMemoryByteLength
    return most ? { given: most - BESIDE_BYTES, refused: most } : undefined
  }
  const isInUse = (name: string) => chat.info !== undefined && name === current && !chat.files
  const addByAddress = (source: string) => cards.get(source) ?? add({ name: source, source, about: text.yours })

  function show({ element: added }: ModelCard): void {
    added.scrollIntoView({ block: 'nearest' })
    added.querySelector('a')?.focus()
  }

  /** Ask what is stored; a model that came here by its address is listed too. */
  async function refresh(): Promise<void> {
    const [stored, { usedByteLength, quotaByteLength }] = await Promise.all([storedModels(), storageRoom()])
    for (const { model } of stored) if (isModel(model)) addByAddress(model)
    for (const [name, card] of cards) card.showStored(stored.find(({ model }) => model === name))
    meter.max = quotaByteLength || 1
    meter.value = usedByteLength
    storage.replaceChildren(
      ...factRows([
        [text.used, `${formatBytes(usedByteLength)} (${formatShare(usedByteLength / (quotaByteLength || 1))})`],
        [text.may, quotaByteLength > 0 ? formatBytes(quotaByteLength) : text.notTold],
      ]),
    )
  }

  /** Models from files of the reader's. */
  async function refreshOwn(): Promise<void> {
    const kept = await listKept().catch(() => [])
    own.replaceChildren(
      ...kept.map((model) =>
        createOwnCard({
          model,
          isInUse: startStates.model() === nameOfFiles(model.files),
          onRemove: async () => {
            await removeKept(model.id).catch(fail)
            await refreshOwn()
          },
        }),
      ),
    )
  }

  // Room on the device

  const meter = element('meter', { 'aria-label': text.used })
  const storage = createFacts()
  const promise = element('p', { class: 'quiet', role: 'status' }, text.persistAbout)
  const persist = button(text.persist, async () => {
    const isKept = await keepStoredModels()
    promise.textContent = isKept ? text.persisted : text.notPersisted
    persist.hidden = isKept
  })

  // Room for the model

  const roomAbout = element('p', { class: 'quiet' })
  const found = element('p', { role: 'status' })
  const showRoom = () => {
    const isSlow = chat.info?.adapter.isFallback === true || chat.info?.device.name === 'wasm'
    const best = recommend(catalogue, { isPhone: isPhone(), isSlow, room })
    for (const [name, card] of cards) {
      const isBest = best !== undefined && name === nameInStore(best.source)
      card.showRoom(roomOfCpu() ?? room)
      card.showRecommended(isBest)
      if (isBest && hub.firstChild !== card.element) hub.prepend(card.element)
    }
  }
  const attempt = createRun({
    label: text.try,
    cancelLabel: text.cancel,
    describe: () => text.noGpu,
    run: async (signal, show) => {
      room = await measureRoom(signal, (bytes) => show({ done: 0, total: 0, words: text.trying(formatBytes(bytes)) }))
      showRoom()
      found.textContent = text.roomOfSoftware
      if (!room) return
      const { given, refused } = room
      if (refused === undefined) found.textContent = text.roomAll(formatBytes(given))
      else if (given > 0) found.textContent = text.roomFound(formatBytes(given), formatBytes(refused))
      else found.textContent = text.roomNone(formatBytes(refused))
    },
  })

  // Others

  const address = element('input', { type: 'text', required: true, spellcheck: 'false', autocapitalize: 'none' })
  const form = element(
    'form',
    { class: 'row' },
    element('label', { class: 'field wide' }, text.address, address),
    element('button', {}, text.add),
  )
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const source = address.value.trim()
    address.setCustomValidity('')
    if (!/^hf:[\w.-]+\/[\w.-]+|[/:]/.test(source)) {
      address.setCustomValidity(text.addFailed)
      address.reportValidity()
      return
    }
    address.value = ''
    const name = nameInStore(source)
    const card = addByAddress(name)
    show(card)
    void remoteSizeOf(name).then((byteLength) => byteLength && card.showSize(byteLength))
  })
  address.addEventListener('input', () => address.setCustomValidity(''))
  const files = element('input', { type: 'file', multiple: true, id: 'model-files', class: 'visually-hidden' })
  files.addEventListener('change', () => {
    const chosen = [...(files.files ?? [])]
    files.value = ''
    if (chosen.length === 0) return
    location.hash = '#chat'
    void openFiles(chosen).catch(fail)
  })

  const startState = createStartStateCard(app)

  const none = element('p', { class: 'note' })
  const held = element('p', { class: 'quiet' })
  const showState = () => {
    const { info } = chat
    held.hidden = !info
    held.textContent = info ? text.inUse(info.name, formatBytes(info.weightByteLength), sayWeights(info.weights)) : ''
    for (const [name, card] of cards) card.showInUse(isInUse(name))
    const { refused } = roomOfCpu() ?? {}
    roomAbout.textContent = refused === undefined ? text.gpuAbout : text.roomOfCpu(formatBytes(refused))
    attempt.start.hidden = refused !== undefined
    showRoom()
    void startState.refresh().catch(() => {}) // there is no storage
    none.hidden = chat.state !== 'unsupported'
    none.textContent = sayNoModel(chat.state)
  }
  chat.addEventListener('statechange', showState)

  for (const entry of catalogue) add({ ...entry, name: sayName(entry), about: sayAbout(entry) })
  showState()
  return {
    element: element(
      'main',
      { class: 'view models', 'aria-label': title },
      element('h2', {}, title),
      element('p', {}, text.intro),
      none,
      held,
      here,
      own,
      element('h3', {}, text.hub),
      element('p', { class: 'quiet' }, text.hubAbout),
      hub,
      element(
        'section',
        { class: 'card' },
        element('h3', {}, text.other),
        element('p', { class: 'quiet' }, text.otherAbout),
        form,
        element(
          'div',
          { class: 'row files' },
          files,
          element('label', { for: 'model-files', class: 'button' }, text.files),
          element('p', { class: 'quiet' }, text.filesHint),
        ),
      ),
      element(
        'div',
        { class: 'cards' },
        startState.element,
        element(
          'section',
          { class: 'card' },
          element('h3', {}, text.storage),
          meter,
          storage,
          promise,
          element('div', { class: 'row' }, persist),
        ),
        element(
          'section',
          { class: 'card' },
          element('h3', {}, text.room),
          roomAbout,
          found,
          element('div', { class: 'row' }, attempt.start),
          attempt.work.element,
          attempt.failed,
        ),
      ),
    ),
    show() {
      void refresh().catch(fail)
      void refreshOwn().catch(fail)
    },
  }
}

/** Files of their own, such as the vocabulary that World models share, are kept under their address too. */
function isModel(name: string): boolean {
  return !/\.txt$/i.test(name)
}
