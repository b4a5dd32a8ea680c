/**
 * @file The page: a `<rwkv-chat>`, and around it what a page has that an element has not: conversations that are kept,
 * Markdown, work without a network, and other views (`views/`).
 *
 * Parameters of its address: `model` (URL of a model, default the built-in one), `weights` and `device` (as of
 * `loadModel`) and `greedy` (no chance in the replies).
 * Its hash names the view, and behind `#chat/` the conversation that is open.
 */

import { canonicalAddress } from '../src/core/address.ts'
import { describeError } from '../src/element/events.ts'
import '../src/element/index.ts'
import type { ModelChoice } from '../src/index.ts'
import { createDrafts } from './conversations/drafts.ts'
import { createKeeper, type Keeper } from './conversations/keeper.ts'
import { createPatientStore } from './conversations/patient-store.ts'
import { findConversations } from './conversations/search.ts'
import { type BranchText, type ConversationStore, createConversationStore } from './conversations/store.ts'
import { mendLanguage } from './language.ts'
import { createMessageActions } from './message-actions.ts'
import { installApp, isModelKept } from './offline.ts'
import { createConversationList } from './panels/conversation-list.ts'
import { button, element } from './panels/dom.ts'
import { createModelChoices } from './panels/model-choices.ts'
import { createNotKept } from './panels/not-kept.ts'
import { createNotices } from './panels/notices.ts'
import { createOpenFiles } from './panels/open-files.ts'
import { createStatus } from './panels/status.ts'
import { createUnsupported } from './panels/unsupported.ts'
import { createWelcome } from './panels/welcome.ts'
import { countStarts } from './safe-start.ts'
import { applyLooks, keepSettings, promptFormats } from './settings.ts'
import { listenToShortcuts } from './shortcuts.ts'
import { createStartStates } from './start-states.ts'
import { createSmallStorage } from './storage.ts'
import { text } from './text.ts'
import { createRouter } from './views/router.ts'

const BUILT_IN = './models/storyteller/'

mendLanguage()
const query = new URLSearchParams(location.search)
const source = query.get('model') || BUILT_IN
const modelUrl = canonicalAddress(source, document.baseURI)

const chat = document.createElement('rwkv-chat')
chat.src = source
chat.weights = query.get('weights') as typeof chat.weights // the engine refuses what it does not know
chat.device = query.get('device') as typeof chat.device // as well
chat.safe = query.has('safe')
if (query.has('greedy')) chat.temperature = 0

const notices = createNotices(text.notices)
const kept = createStartStates()
const startStates = {
  kept,
  model: () => chat.files?.map(({ name, size }) => `${name} (${size})`).join(', ') ?? modelUrl,
  async use() {
    chat.initialState = await kept.chosen(startStates.model())
  },
}
void startStates.use().catch(() => {}) // there is no storage, and none was kept
const status = createStatus()
const createWriter = createNotKept(notices, () => void exchange().catch(fail))
const storage = createSmallStorage(createWriter())
const drafts = createDrafts(storage)
const starts = countStarts(storage)
let keeper: Keeper | undefined
let store: ConversationStore | undefined
let texts: Promise<readonly BranchText[]> | undefined // what is searched, read when it is first wanted after a change
let wanted = '' // the conversation in the address, until conversations can be opened

const settings = keepSettings(storage, (now) => {
  applyLooks(now)
  chat.system = now.system ?? null
  chat.promptFormat = now.promptFormat && promptFormats[now.promptFormat]
  chat.sampling = now.sampling
})
const list = createConversationList({
  onFollow: () => showList(false),
  onNew: startNew,
  onRename: (id, title) => void keeper?.rename(id, title),
  onDelete(id) {
    drafts.write(id, '')
    void keeper?.remove(id)
  },
  onBranch: (branch) => void openOne(keeper?.currentId ?? '', branch).then(() => showList(false)),
  async onSearch(query) {
    texts ??= store?.texts()
    return findConversations(keeper?.entries ?? [], (await texts) ?? [], query)
  },
})
const fail = (error: unknown) => notices.show(describeError(error).message)
const actions = createMessageActions({
  chat,
  notices,
  onGoBack: () => void keeper?.goBack().catch(fail),
})
const toggle = button(text.conversations, () => showList(!isListShown()), {
  class: 'toggle',
  'aria-expanded': 'false',
  'aria-controls': 'conversations',
})
const isListShown = () => toggle.getAttribute('aria-expanded') === 'true'

/** On narrow screens the list lies over the chat, when asked for. */
function showList(isShown: boolean): void {
  toggle.setAttribute('aria-expanded', String(isShown))
  list.element.classList.toggle('shown', isShown)
  if (!isShown) chat.focus()
}

document.addEventListener('keydown', ({ key }) => {
  if (key !== 'Escape' || !isListShown()) return
  showList(false)
  toggle.focus()
})

list.element.id = 'conversations'
list.element.append(
  element(
    'div',
    { class: 'below' },
    button(text.exchange, () => void exchange().catch(fail), { class: 'plain' }),
    button(text.keyboardShortcuts, () => void showShortcuts().catch(fail), { class: 'plain' }),
    createOpenFiles(openFiles),
  ),
)
const welcome = createWelcome({ isBuiltIn: source === BUILT_IN, onSuggestion: (message) => void chat.send(message) })
welcome.slot = 'empty'
const unsupported = createUnsupported({ isSecure: isSecureContext })
unsupported.element.slot = 'unsupported'
chat.append(welcome, unsupported.element)

const router = createRouter(
  { chat, notices, settings, keeper: () => keeper, startStates, openFiles },
  {
    element: element('div', { class: 'app' }, list.element, element('main', {}, actions.element, chat)),
    show(path) {
      toggle.toggleAttribute('hidden', false)
      wanted = path
      if (keeper) void openWanted(keeper)
    },
    hide: () => toggle.toggleAttribute('hidden', true),
  },
)

document.body.replaceChildren(
  element(
    'header',
    { class: 'top' },
    element('img', { src: './icon.svg', alt: '', width: '28', height: '28' }),
    element('h1', {}, text.title),
    element('p', {}, text.tagline),
    router.nav,
    toggle,
  ),
  notices.element,
  router.outlet,
  status.element,
)

// A page that is nothing but a chat was opened for it; unless that did no good.
chat.loading = starts.isWary && !chat.safe ? 'interaction' : 'eager'
if (chat.loading === 'interaction')
  notices.show(text.safeStart.offer, { label: text.safeStart.start, run: startSafely })
let lastError: string | undefined
let withdrawChoices = () => {}
chat.addEventListener('error', ({ detail: { error, code, message } }) => {
  lastError = code
  withdrawChoices()
  const choices = createModelChoices(error, openChoice)
  if (code === 'session/initial-state') void withoutStartState(message).catch(fail)
  if (choices) withdrawChoices = notices.show(text.severalModels, choices)
  if (code === 'gpu/unavailable') unsupported.explain(message)
})
window.addEventListener('pagehide', starts.leave)

chat.addEventListener('statechange', ({ detail: { state, previous } }) => {
  starts.follow(state, lastError)
  status.show(chat.info)
  if (previous !== 'loading') return
  if (state === 'ready') void onLoad()
  if (state === 'failed' && source !== BUILT_IN)
    notices.show(text.otherModel, { label: text.loadBuiltIn, run: toBuiltIn })
})

async function onLoad(): Promise<void> {
  if (matchMedia('(pointer: fine)').matches && document.activeElement === document.body) chat.focus()
  for (const warning of chat.info?.warnings ?? []) notices.show(warning)
  if (lastError === 'gpu/lost' && chat.info?.device.name === 'wasm') notices.show(text.leftGpu)
  lastError = undefined
  await colourCode()
  await showOffline()
}

async function openOne(id: string, branch?: string): Promise<void> {
  await colourCode()
  try {
    if (!(await keeper?.open(id, branch))) notices.show(text.unknownConversation)
  } catch (error) {
    fail(error)
  }
  router.setChatPath(keeper?.currentId ?? '')
}

/** What the address says. */
async function openWanted({ currentId, startNew }: Keeper): Promise<void> {
  if (wanted !== '') return openOne(wanted)
  if (currentId !== undefined) await startNew()
}

/** By its address, so that what is open is one step back; unless that is the address already. */
function startNew(): void {
  if (location.hash === '' || location.hash === '#chat') void keeper?.startNew()
  else location.hash = '#chat'
  showList(false)
}

/** The chat may have to come into sight first. */
function searchConversations(): void {
  const search = () => {
    if (matchMedia('(max-width: 48rem)').matches) showList(true)
    list.search()
  }
  if (chat.checkVisibility()) search()
  else {
    window.addEventListener('hashchange', () => setTimeout(search), { once: true })
    location.hash = `#chat/${keeper?.currentId ?? ''}`
  }
}

async function exchange(): Promise<void> {
  const { openExchange } = await import('./panels/exchange.ts')
  if (keeper) openExchange({ chat, keeper })
}

async function showShortcuts(): Promise<void> {
  const { openShortcuts } = await import('./panels/shortcut-sheet.ts')
  openShortcuts()
}

/** The conversation `step` places further down the list. */
function openNeighbour(step: number): void {
  const { entries = [], currentId } = keeper ?? {}
  const place = entries.findIndex(({ id }) => id === currentId)
  const next = entries[place < 0 ? 0 : place + step]
  if (next) location.hash = `#chat/${next.id}`
}

/** Colours of code come when there is something to read, or time. */
async function colourCode(): Promise<void> {
  const colours = await import('./highlight.ts').catch(() => undefined)
  if (colours) chat.highlightCode = colours.highlightCode
}

/** A model from this device. What is said with it is kept under its files' names and sizes. */
function openFiles(files: readonly File[]): void {
  if (chat.state === 'unsupported') {
    notices.show(text.noModel.unsupported)
    return
  }
  chat.files = files
  void startStates.use().catch(fail)
  showList(false)
  void keeper?.useModel(startStates.model())
}

/** One that does not fit is not tried again. */
async function withoutStartState(message: string): Promise<void> {
  notices.show(message)
  chat.initialState = undefined
  await kept.choose(startStates.model())
  await chat.load()
}

/** By its address, or the files that were given without those of the others. */
function openChoice({ source, files: own }: ModelChoice, all: readonly ModelChoice[]): void {
  withdrawChoices()
  if (source !== undefined) {
    query.set('model', source)
    location.search = query.toString()
    return
  }
  const others = new Set(all.flatMap(({ files }) => files).filter((name) => !own.includes(name)))
  openFiles((chat.files ?? []).filter(({ name }) => !others.has(name)))
}

function startSafely(): void {
  query.set('safe', '')
  location.search = query.toString()
}

function toBuiltIn(): void {
  location.search = ''
}

let app: ServiceWorkerRegistration | undefined
let isOfflineShown = false

/** Said only when it is true: the app's files and all of the model's are on this device. */
async function showOffline(): Promise<void> {
  if (isOfflineShown || !app || !(await isModelKept(modelUrl))) return
  isOfflineShown = true
  status.add('offline', text.readyForOffline)
}

async function keepConversations(): Promise<void> {
  const { onTrouble, onWell } = createWriter()
  store = createPatientStore(createConversationStore(onTrouble), {
    onTrouble,
    onWell() {
      onWell()
      void keeper?.refresh()
    },
  })
  keeper = await createKeeper({
    chat,
    store,
    model: modelUrl,
    onChange({ entries, currentId, branchId }) {
      texts = undefined
      list.show(entries, { id: currentId, branch: branchId })
      if (keeper) router.setChatPath(currentId ?? '')
    },
    onSwitch(id) {
      chat.draft = drafts.read(id)
      actions.settle()
    },
    onConflict: () => notices.show(text.parted),
  })
  await openWanted(keeper)
}

chat.addEventListener('input', () => drafts.write(keeper?.currentId, chat.draft))
chat.addEventListener('message', () => drafts.write(keeper?.currentId, chat.draft))
listenToShortcuts({
  help: () => void showShortcuts().catch(fail),
  search: searchConversations,
  startNew,
  next: () => openNeighbour(1),
  previous: () => openNeighbour(-1),
  regenerate() {
    if (chat.checkVisibility()) void chat.regenerate().catch(() => {}) // it is shown
  },
  editLast: actions.editLast,
  write: () => chat.focus(),
})
void keepConversations()
void installApp({
  onUpdate: (apply) => notices.show(text.update, { label: text.updateNow, run: apply }),
}).then((registration) => {
  app = registration
  if (chat.state === 'ready') void showOffline()
})
