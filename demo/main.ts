/**
 * @file The page: a `<rwkv-chat>`, and around it what a page has that an element has not: conversations that are kept,
 * models of the reader's, work without a network, and other views (`views/`). Long, since it ties together parts that know
 * nothing of one another.
 *
 * Parameters of its address: `model` (URL of a model, default the built-in one) or `own` (one that is kept from the reader's
 * files), `weights`, `device` and `safe` (as of `loadModel`) and `greedy` (no chance in the replies).
 * Its hash names the view, and behind `#chat/` the conversation that is open.
 */

import { canonicalAddress } from '../src/core/address.ts'
import '../src/element/index.ts'
import type { ChatState } from '../src/element/types.ts'
import type { ModelChoice } from '../src/index.ts'
import { createDrafts } from './conversations/drafts.ts'
import { createKeeper, type Keeper } from './conversations/keeper.ts'
import { createPatientStore } from './conversations/patient-store.ts'
import { findConversations } from './conversations/search.ts'
import {
  type BranchText,
  type ConversationEntry,
  type ConversationStore,
  createConversationStore,
} from './conversations/store.ts'
import { mendLanguage } from './language.ts'
import { createMessageActions } from './message-actions.ts'
import { installApp, isModelKept } from './offline.ts'
import { createConversationList } from './panels/conversation-list.ts'
import { button, element, iconButton } from './panels/dom.ts'
import { icons } from './panels/icons.ts'
import { createModelChoices } from './panels/model-choices.ts'
import { createNotKept } from './panels/not-kept.ts'
import { createNotices } from './panels/notices.ts'
import { createOpenFiles } from './panels/open-files.ts'
import { createStatus } from './panels/status.ts'
import { createUnsupported } from './panels/unsupported.ts'
import { createWelcome } from './panels/welcome.ts'
import { countStarts } from './safe-start.ts'
import { applyLooks, formatFor, isGuess, keepSettings } from './settings.ts'
import { listenToShortcuts } from './shortcuts.ts'
import { createStartStates } from './start-states.ts'
import { createSmallStorage } from './storage.ts'
import { labels, tell, text } from './text.ts'
import { createRouter } from './views/router.ts'

const BUILT_IN = './models/storyteller/'

mendLanguage()
document.documentElement.lang = labels.locale
const query = new URLSearchParams(location.search)
const source = query.get('model') || BUILT_IN
const modelUrl = canonicalAddress(source, document.baseURI)
const ownId = query.get('own') // of a model from files that are kept here
const isBuiltIn = source === BUILT_IN && ownId === null

const chat = document.createElement('rwkv-chat')
if (ownId === null) chat.src = source
chat.weights = query.get('weights') as typeof chat.weights // the engine refuses what it does not know
chat.device = query.get('device') as typeof chat.device // as well
chat.safe = query.has('safe')
chat.labels = labels
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
const ownFiles = ownId === null ? Promise.resolve() : takeKept(ownId)
void ownFiles.then(startStates.use).catch(() => {}) // there is no storage, and none was kept
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
  chat.promptFormat = formatFor(startStates.model(), now)
  chat.sampling = now.sampling
})
const list = createConversationList({
  onFollow: () => showMenu(false),
  onNew: startNew,
  onRename: (id, title) => void keeper?.rename(id, title),
  onDelete: (entry) => void remove(entry).catch(fail),
  onBranch: (branch) => void openOne(keeper?.currentId ?? '', branch).then(() => showMenu(false)),
  async onSearch(query) {
    texts ??= store?.texts()
    return findConversations(keeper?.entries ?? [], (await texts) ?? [], query)
  },
})
const fail = (error: unknown) => notices.show(tell(error))
const actions = createMessageActions({
  chat,
  notices,
  versionsOf: (place) => keeper?.versionsOf(place),
  onVersion: (branch) => void openOne(keeper?.currentId ?? '', branch),
  onEdit: (place, words) => void keeper?.edit(place, words).catch(() => {}), // it is shown
  onGoBack: () => void keeper?.goBack().catch(fail),
})
const menu = iconButton(text.menu, icons.menu, () => showMenu(!isMenuShown()), {
  class: 'tool menu',
  'aria-expanded': 'false',
  'aria-controls': 'conversations',
})
const isMenuShown = () => menu.getAttribute('aria-expanded') === 'true'

/** On narrow screens the list lies over the views, with the ways to them, when it is asked for. */
function showMenu(isShown: boolean): void {
  menu.setAttribute('aria-expanded', String(isShown))
  list.element.classList.toggle('shown', isShown)
  if (!isShown && chat.checkVisibility()) chat.focus()
}

document.addEventListener('keydown', ({ key }) => {
  if (key !== 'Escape' || !isMenuShown()) return
  showMenu(false)
  menu.focus()
})

list.element.id = 'conversations'
list.element.append(
  element(
    'div',
    { class: 'below' },
    button(text.exchange, () => void exchange().catch(fail), { class: 'plain' }),
    button(text.keyboardShortcuts, () => void showShortcuts().catch(fail), { class: 'plain' }),
    createOpenFiles((files) => void openFiles(files).catch(fail)),
  ),
)
const welcome = createWelcome({ isBuiltIn, onSuggestion: (message) => void chat.send(message) })
welcome.element.slot = 'empty'
const unsupported = createUnsupported({ isSecure: isSecureContext })
unsupported.element.slot = 'unsupported'
chat.append(welcome.element, unsupported.element)

const router = createRouter(
  { chat, notices, settings, keeper: () => keeper, startStates, openFiles },
  {
    element: element('main', { class: 'chat' }, chat),
    show(path) {
      document.body.classList.add('chatting')
      wanted = path
      if (keeper) void openWanted(keeper)
    },
    hide: () => document.body.classList.remove('chatting'),
  },
)

const top = element(
  'header',
  { class: 'top' },
  menu,
  element('img', { src: './icon.svg', alt: '', width: '28', height: '28' }),
  element('h1', {}, text.title),
  status.element,
  iconButton(text.newConversation, icons.begin, startNew, { class: 'tool begin' }),
)
document.body.replaceChildren(top, element('div', { class: 'page' }, list.element, router.outlet), notices.element)
const isNarrow = matchMedia('(max-width: 48rem)')
const placeNav = () => (isNarrow.matches ? list.element.prepend(router.nav) : top.append(router.nav))
isNarrow.addEventListener('change', placeNav)
placeNav()
router.nav.addEventListener('click', () => showMenu(false))

// A page that is nothing but a chat was opened for it; unless that did no good.
chat.loading = starts.isWary && !chat.safe ? 'interaction' : 'eager'
if (chat.loading === 'interaction')
  notices.show(text.safeStart.offer, { label: text.safeStart.start, run: startSafely })
let lastError: { readonly code: string; readonly message: string } | undefined
let withdrawFault = () => {}
let withdrawGuess = () => {}
let withdrawChoices = () => {}
chat.addEventListener('error', ({ detail: { error, code, message } }) => {
  lastError = { code, message: labels.fault(code, message) }
  withdrawChoices()
  const choices = createModelChoices(error, openChoice)
  if (code === 'session/initial-state') void withoutStartState(lastError.message).catch(fail)
  if (choices) withdrawChoices = notices.show(text.severalModels, choices)
  if (code === 'gpu/unavailable') unsupported.explain(lastError.message)
})
window.addEventListener('pagehide', starts.leave)

chat.addEventListener('statechange', ({ detail: { state, previous } }) => {
  starts.follow(state, lastError?.code)
  status.show(chat.info)
  welcome.show(chat.info)
  withdrawFault()
  const isMended = lastError?.code === 'session/initial-state' // it is told, and loaded without
  if ((state === 'failed' && !isMended) || (state === 'unsupported' && chat.messages.length > 0)) showFault(previous)
  if (previous !== 'loading') return
  if (state === 'ready') void onLoad()
  if (state === 'failed' && !isBuiltIn && !chat.files)
    notices.show(text.otherModel, { label: text.loadBuiltIn, run: toBuiltIn })
})

/** What the chat has failed in, by what it was doing, and another try. */
function showFault(doing: ChatState): void {
  const what = doing === 'loading' ? text.loadFailed : doing === 'replying' ? text.replyFailed : text.modelStopped
  const again = { label: text.tryAgain, run: () => void chat.load() }
  withdrawFault = notices.show([what, lastError?.message].join(' '), again, { isFault: true })
}

async function onLoad(): Promise<void> {
  if (matchMedia('(pointer: fine)').matches && document.activeElement === document.body) chat.focus()
  withdrawGuess()
  for (const warning of chat.info?.warnings ?? []) {
    if (isGuess(warning)) void showGuess().catch(fail)
    else notices.show(warning)
  }
  if (lastError?.code === 'gpu/lost' && chat.info?.device.name === 'wasm') notices.show(text.leftGpu)
  lastError = undefined
  await colourCode()
  await showOffline()
}

/** How this model is spoken to is a guess: it can be changed in its place. */
async function showGuess(): Promise<void> {
  const { createFormatChoice } = await import('./own/guessed-format.ts')
  const model = startStates.model()
  const { formats } = settings.now
  const choice = createFormatChoice({
    chosen: formats?.[model],
    onChoose(name) {
      const { [model]: _, ...others } = settings.now.formats ?? {}
      settings.change({ formats: name ? { ...others, [model]: name } : others })
    },
  })
  withdrawGuess = notices.show(text.guess.about, choice)
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

/** At once; it can be taken back for a while. */
async function remove({ id, title }: ConversationEntry): Promise<void> {
  const draft = drafts.read(id)
  drafts.write(id, '')
  const putBack = await keeper?.remove(id)
  if (!putBack) return
  const undo = async () => {
    end()
    drafts.write(id, draft)
    await putBack()
  }
  const end = notices.show(
    text.removed(title),
    { label: text.undo, run: () => void undo().catch(fail) },
    { isBrief: true },
  )
}

/** By its address, so that what is open is one step back; unless that is the address already. */
function startNew(): void {
  if (location.hash === '' || location.hash === '#chat') void keeper?.startNew()
  else location.hash = '#chat'
  showMenu(false)
}

/** The chat may have to come into sight first. */
function searchConversations(): void {
  const search = () => {
    if (isNarrow.matches) showMenu(true)
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
async function openFiles(files: readonly File[]): Promise<void> {
  showMenu(false)
  if (chat.state === 'unsupported') {
    notices.show(text.noModel.unsupported)
    return
  }
  const { openOwn } = await import('./own/open-own.ts')
  await openOwn(files, {
    chat,
    notices,
    take: (taken, conversation) => void take(taken, conversation).catch(fail),
    conversation: () => keeper?.currentId,
    remember,
  })
}

async function take(files: readonly File[] | undefined, conversation?: string): Promise<void> {
  if (!files) chat.src = source
  chat.files = files
  chat.promptFormat = formatFor(startStates.model(), settings.now)
  void startStates.use().catch(fail)
  await keeper?.useModel(startStates.model())
  if (conversation !== undefined) await openOne(conversation)
}

/** The page's address names it from now on. */
function remember(id: string): void {
  query.delete('model')
  query.set('own', id)
  history.replaceState(null, '', `?${query}${location.hash}`)
  void showOffline()
}

/** The model of the page's address, if it is here still. */
async function takeKept(id: string): Promise<void> {
  const { openKept } = await import('./own/kept-models.ts')
  const files = await openKept(id).catch(() => undefined)
  if (files) {
    chat.files = files
    chat.promptFormat = formatFor(startStates.model(), settings.now)
  } else {
    query.delete('own')
    chat.src = source
    notices.show(text.own.gone)
  }
}

/** One that does not fit is not tried again. */
async function withoutStartState(message: string): Promise<void> {
  notices.show(message)
  chat.initialState = undefined
  await kept.choose(startStates.model())
  await chat.load()
}

/** By its address. */
function openChoice({ source }: ModelChoice): void {
  withdrawChoices()
  if (source === undefined) return // files of the reader's are looked into before the chat has them
  query.set('model', source)
  location.search = query.toString()
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
  if (isOfflineShown || !app || !(chat.files ? query.has('own') : await isModelKept(modelUrl))) return
  isOfflineShown = true
  status.add(text.readyForOffline)
}

async function keepConversations(): Promise<void> {
  await ownFiles
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
    model: startStates.model(),
    onChange({ entries, currentId, branchId }) {
      texts = undefined
      actions.refresh()
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
