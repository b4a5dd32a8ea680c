/**
 * @file The page: a `<rwkv-chat>`, and around it what a page has that an element has not: conversations that are kept,
 * Markdown, work without a network, and other views (`views/`).
 *
 * Parameters of its address: `model` (URL of a model, default the built-in one) and `greedy` (no chance in the replies).
 * Its hash names the view. Which conversation is open stands in the history's state.
 */

import { describeError } from '../src/element/events.ts'
import '../src/element/index.ts'
import { createKeeper, type Keeper } from './conversations/keeper.ts'
import { openConversationStore } from './conversations/store.ts'
import { installApp, isModelKept } from './offline.ts'
import { createConversationList } from './panels/conversation-list.ts'
import { button, element } from './panels/dom.ts'
import { createNotices } from './panels/notices.ts'
import { createOpenFiles } from './panels/open-files.ts'
import { createStatus } from './panels/status.ts'
import { createUnsupported } from './panels/unsupported.ts'
import { createWelcome } from './panels/welcome.ts'
import { text } from './text.ts'
import { createRouter } from './views/router.ts'

const BUILT_IN = './models/storyteller/'

/** Survives a reload, and stays in its tab. */
interface OpenConversation {
  readonly conversation: string | undefined
}

const query = new URLSearchParams(location.search)
const source = query.get('model') || BUILT_IN
const modelUrl = new URL(source, document.baseURI).href

const chat = document.createElement('rwkv-chat')
chat.src = source
chat.loading = 'eager' // a page that is nothing but a chat was opened for it
if (query.has('greedy')) chat.temperature = 0

const notices = createNotices(text.notices)
const status = createStatus()
const wanted = (history.state as OpenConversation | null)?.conversation
let keeper: Keeper | undefined

const list = createConversationList({
  onOpen: (id) => void openOne(id).then(() => showList(false)),
  onNew: () => void keeper?.startNew().then(() => showList(false)),
  onRename: (id, title) => void keeper?.rename(id, title),
  onDelete: (id) => void keeper?.remove(id),
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
list.element.append(createOpenFiles(openFiles))
const welcome = createWelcome({ isBuiltIn: source === BUILT_IN, onSuggestion: (message) => void chat.send(message) })
welcome.slot = 'empty'
const unsupported = createUnsupported({ isSecure: isSecureContext })
unsupported.slot = 'unsupported'
chat.append(welcome, unsupported)

const router = createRouter(
  { chat, notices, keeper: () => keeper, openFiles },
  {
    element: element('div', { class: 'app' }, list.element, element('main', {}, chat)),
    show: () => toggle.toggleAttribute('hidden', false),
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

chat.addEventListener('statechange', ({ detail: { state, previous } }) => {
  status.show(chat.info)
  if (previous !== 'loading') return
  if (state === 'ready') void onLoad()
  if (state === 'failed' && source !== BUILT_IN)
    notices.tell(text.otherModel, { label: text.loadBuiltIn, run: toBuiltIn })
})

async function onLoad(): Promise<void> {
  if (matchMedia('(pointer: fine)').matches && document.activeElement === document.body) chat.focus()
  for (const warning of chat.info?.warnings ?? []) notices.tell(warning)
  await renderRich()
  await showOffline()
}

async function openOne(id: string): Promise<void> {
  await renderRich()
  await keeper?.open(id).catch((error: unknown) => notices.tell(describeError(error).message))
}

/** Markdown comes when there is something to read, or time; until it is here, text is plain. */
async function renderRich(): Promise<void> {
  const { renderMarkdown } = await import('./markdown.ts')
  chat.renderReply = renderMarkdown
}

/** A model from this device. What is said with it is kept under its files' names and sizes. */
function openFiles(files: readonly File[]): void {
  chat.files = files
  showList(false)
  void keeper?.useModel(files.map(({ name, size }) => `${name} (${size})`).join(', '))
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
  const store = await openConversationStore().catch(() => undefined)
  if (!store) return notices.tell(text.notKept)
  keeper = await createKeeper({
    chat,
    store,
    model: modelUrl,
    onChange({ entries, currentId }) {
      list.show(entries, currentId)
      history.replaceState({ conversation: currentId } satisfies OpenConversation, '')
    },
  })
  list.show(keeper.entries, keeper.currentId)
  if (wanted) await openOne(wanted)
}

void keepConversations()
void installApp({
  onUpdate: (apply) => notices.tell(text.update, { label: text.updateNow, run: apply }),
}).then((registration) => {
  app = registration
  if (chat.state === 'ready') void showOffline()
})
