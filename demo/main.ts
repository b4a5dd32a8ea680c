/**
 * @file The chat page: loads the model, sends what is written, shows what comes back. What it needs of rwkv.js is in
 * `start` and `answer`; the rest is panels.
 *
 * Parameters of its address: `model` (URL of a model, default the built-in one), `greedy` (no chance in the replies),
 * `weights` (f32, f16 or auto).
 */

import { isRwkvError, type LoadOptions, loadModel, type Model, type Session } from '../src/index.ts'
import { createComposer } from './panels/composer.ts'
import { element } from './panels/dom.ts'
import { createLoading } from './panels/loading.ts'
import { type Action, createNotices } from './panels/notices.ts'
import { createStatus } from './panels/status.ts'
import { createTranscript } from './panels/transcript.ts'
import { createUnsupported } from './panels/unsupported.ts'
import { createWelcome } from './panels/welcome.ts'
import { text } from './text.ts'

const BUILT_IN = './models/storyteller/'

const query = new URLSearchParams(location.search)
const sampling = query.has('greedy') ? { temperature: 0 } : {}
const weights = (query.get('weights') ?? 'auto') as NonNullable<LoadOptions['weights']> // the engine judges it
let source = query.get('model') || BUILT_IN

let model: Model | undefined
let session: Session | undefined
let stop = new AbortController()
let wasLost = false

const composer = createComposer({ onMessage: (message) => void answer(message), onStop: () => stop.abort() })
const welcome = createWelcome({ isBuiltIn: source === BUILT_IN, onSuggestion: composer.send })
const transcript = createTranscript(welcome)
const loading = createLoading()
const notices = createNotices(text.notices)
const problems = createNotices(text.problems)
const status = createStatus()

/** Load the model and open a conversation; also after a failure, in place of what failed. */
async function start(): Promise<void> {
  composer.setMode('loading')
  problems.clear()
  status.show(undefined)
  loading.begin()
  try {
    await model?.dispose().catch(() => {}) // what is broken may refuse
    model = undefined
    model = await loadModel(source, { weights, onProgress: loading.report })
    session = await model.createSession({ sampling })
  } catch (error) {
    return failedToLoad(error)
  } finally {
    loading.end()
  }
  wasLost = false
  status.show(model.info)
  if (model.info.adapter.isFallback) notices.tell(text.software)
  model.info.warnings.forEach(notices.tell)
  if (!transcript.isEmpty) transcript.addDivider(text.forgotten)
  composer.setMode('ready')
}

/** One message and its reply. */
async function answer(message: string): Promise<void> {
  if (!model || !session) return
  stop = new AbortController()
  transcript.addMessage(message)
  transcript.setBusy(true)
  composer.setMode('replying')
  const view = transcript.addReply(model.info.name)
  try {
    const reply = session.prompt(message, { signal: stop.signal })
    for await (const piece of pieces(reply)) view.append(piece)
    view.finish(await reply.summary)
  } catch (error) {
    if (!isAbort(error)) return failedToReply(error, view.fail)
    view.finish()
  } finally {
    transcript.setBusy(false)
  }
  composer.setMode('ready')
}

/** The pieces of a reply; that it was stopped is for its summary to say. */
async function* pieces(reply: AsyncIterable<string>): AsyncGenerator<string> {
  try {
    yield* reply
  } catch (error) {
    if (!isAbort(error)) throw error
  }
}

const isAbort = (error: unknown) => error instanceof DOMException && error.name === 'AbortError'
const sentenceOf = (error: unknown) => (isRwkvError(error) ? error.message : text.unknownFailure(error))
const codeOf = (error: unknown) => (isRwkvError(error) ? error.code : 'unknown')

const reloadModel: Action = { label: text.reloadModel, run: () => void start() }
const reloadPage: Action = { label: text.reloadPage, run: () => location.reload() }

function failedToLoad(error: unknown): void {
  composer.setMode('off')
  const isUnavailable = isRwkvError(error, 'gpu/unavailable')
  if (isUnavailable && transcript.isEmpty) {
    showUnsupported(error.message)
    return
  }
  const tryAgain: Action = { label: text.tryAgain, run: () => void start() }
  const loadBuiltIn: Action = {
    label: text.loadBuiltIn,
    run() {
      source = BUILT_IN
      void start()
    },
  }
  // After repeated crashes a browser keeps the GPU from this page until the page is loaded anew.
  const actions = isUnavailable && wasLost ? [tryAgain, reloadPage] : [tryAgain]
  if (source !== BUILT_IN) actions.push(loadBuiltIn)
  problems.fault({ title: text.loadFailed, sentence: sentenceOf(error), code: codeOf(error), actions })
}

function failedToReply(error: unknown, showIn: (sentence: string) => void): void {
  showIn(sentenceOf(error))
  wasLost = isRwkvError(error, 'gpu/lost')
  composer.setMode('off')
  problems.fault({
    title: text.replyFailed,
    sentence: sentenceOf(error),
    code: codeOf(error),
    actions: [reloadModel],
  })
}

function showUnsupported(sentence?: string): void {
  const page = createUnsupported({ sentence, isSecure: isSecureContext, onRetry: () => location.reload() })
  document.body.replaceChildren(header, page)
}

const header = element(
  'header',
  { class: 'top' },
  element('img', { src: './icon.svg', alt: '', width: '28', height: '28' }),
  element('h1', {}, text.title),
  element('p', {}, text.tagline),
)

if ('gpu' in navigator) {
  document.body.replaceChildren(
    header,
    notices.element,
    transcript.element,
    problems.element,
    loading.element,
    composer.element,
    status.element,
  )
  void start()
  if (matchMedia('(pointer: fine)').matches) composer.focus()
} else showUnsupported()
