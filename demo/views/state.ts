/** @file The view of the state: how large it is, what is in it, how it fades, and bookmarks of it. */

import { stateShape } from '../../src/index.ts'
import type { App, View } from '../app.ts'
import { element } from '../panels/dom.ts'
import { formatCount, text as pageText, tell } from '../text.ts'
import { factRows } from './parts/facts.ts'
import { sayNoModel } from './parts/no-model.ts'
import { createThrottle } from './parts/throttle.ts'
import { createBookmarksCard } from './state/bookmarks-card.ts'
import { createFadeCard } from './state/fade-card.ts'
import { createLifeCard } from './state/life-card.ts'
import { createMapCard } from './state/map-card.ts'
import { createMatrixCard } from './state/matrix-card.ts'
import { drawEveryMs } from './state/pace.ts'
import './state/state.css'
import { text } from './state/text.ts'

const COUNT_EVERY_MS = 500

/** The view `#state`. */
export function createStateView(app: App): View {
  const { chat, notices } = app
  const title = pageText.views.state
  const size = element('dl', { class: 'stats' })
  const none = element('p', { class: 'note' })
  const [map, matrix, life] = [createMapCard(), createMatrixCard(), createLifeCard()]
  const [fade, bookmarks] = [createFadeCard(), createBookmarksCard(app)]
  const loaded = element(
    'div',
    {},
    element('section', { class: 'card' }, element('h3', {}, text.size), size),
    map.element,
    matrix.element,
    fade.element,
    life.element,
  )
  const empty = element('p', { class: 'note', hidden: true }, text.empty)
  let isShown = false
  let isInSight = false
  let lifeOf: string | undefined // fingerprint of the model that is plotted

  const fail = (error: unknown) => {
    // The model or its conversation went away meanwhile; what replaced it is looked at next.
    if (isShown && chat.state === 'ready') notices.show(tell(error))
  }
  /** What changes with every token. */
  const draw = createThrottle(
    async () => {
      const { session, info } = chat
      if (!isShown || !isInSight || document.hidden || !session || !info) return
      const rows = await session.read()
      map.show(rows, info)
      matrix.show(rows, info)
    },
    () => drawEveryMs(chat.info?.stateByteLength),
    fail,
  )
  /** What changes with every message, and waits for the reply under way. */
  const count = createThrottle(
    async () => {
      const { session, info } = chat
      none.hidden = info !== undefined
      none.textContent = sayNoModel(chat.state)
      loaded.hidden = info === undefined
      if (!isShown || !session || !info) return
      const { stateByteLength, fingerprint } = info
      const facts: [string, string][] = [
        [text.bytes, formatCount(stateByteLength)],
        [text.shape, stateShape(info).map(formatCount).join(' × ')],
      ]
      if (size.childElementCount === 0) size.replaceChildren(...factRows(facts))
      const last = (await session.transcript()).at(-1)
      const read = last ? last.before.tokens + last.ids.length : 0
      size.replaceChildren(...factRows([...facts, [text.read, formatCount(read)]]))
      empty.hidden = chat.messages.length > 0
      if (lifeOf !== fingerprint) {
        const inspection = await session.inspect()
        life.show(inspection)
        lifeOf = fingerprint
        // Where each token decides what fades, nobody knows which message what is left is of.
        fade.element.hidden = inspection.layers.every(({ halfLife }) => halfLife === undefined)
      }
      if (!fade.element.hidden) await fade.refresh(session)
    },
    () => COUNT_EVERY_MS,
    fail,
  )

  chat.addEventListener('token', draw)
  chat.addEventListener('statechange', ({ detail: { state } }) => {
    if (state === 'replying' || !isShown) return
    draw()
    count()
  })
  new IntersectionObserver((entries) => {
    isInSight = entries.some(({ isIntersecting }) => isIntersecting)
    if (isInSight) draw()
  }).observe(map.picture)

  return {
    element: element(
      'main',
      { class: 'view state', 'aria-label': title },
      element('h2', {}, title),
      element('p', {}, text.intro),
      none,
      empty,
      loaded,
      bookmarks.element,
    ),
    show() {
      isShown = true
      draw()
      count()
      void bookmarks.refresh().catch(fail)
    },
    hide() {
      isShown = false
    },
  }
}
