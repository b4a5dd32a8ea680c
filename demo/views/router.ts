/**
 * @file Which view is shown, by the address: `#chat` or nothing is the chat, `#about` and so on the others. What follows a
 * slash (`#lab/cost`) is the view's own.
 */

import { describeError } from '../../src/element/events.ts'
import type { App, View } from '../app.ts'
import { element } from '../panels/dom.ts'
import { tell, text } from '../text.ts'
import { labViews } from './lab/views.ts'
import { type ViewName, views } from './registry.ts'

/** The views of the page. */
export interface Router {
  /** Links to all views. */
  readonly nav: HTMLElement
  /** Where views are shown; the chat is one of its children from the beginning. */
  readonly outlet: HTMLElement
  /** What the chat shows has an address of its own: it stands in the link, and in the address while the chat is shown. */
  setChatPath(path: string): void
}

const CHAT = 'chat'

/** Begin to follow the address. `chatView` is what is shown as the chat. */
export function createRouter(app: App, chatView: View): Router {
  const outlet = element('div', { class: 'outlet' }, chatView.element)
  const opened = new Map<string, Promise<View>>([[CHAT, Promise.resolve(chatView)]])
  const names = [CHAT, ...(Object.keys(views) as ViewName[])] as const
  const links = names.map((name) => element('a', { href: `#${name}` }, text.views[name]))
  const linkOf = (name: string) => links.filter((_, i) => names[i] === name)
  const lab = element('div', { class: 'lab-views' }, ...labViews.flatMap(linkOf))
  const nav = element(
    'nav',
    { class: 'views', 'aria-label': text.viewsLabel },
    ...links.filter((link) => !lab.contains(link)),
    lab,
  )
  const { title } = document
  let shown: View = chatView
  let visit = 0

  const wantedOf = (hash: string) => {
    const [wanted] = splitOnce(hash.slice(1), '/')
    return names.find((known) => known === wanted) ?? CHAT
  }

  async function open(name: (typeof names)[number]): Promise<View> {
    if (name === CHAT) return chatView
    const view = await views[name](app)
    view.element.hidden = true
    outlet.append(view.element)
    return view
  }

  async function follow(): Promise<void> {
    const [, path] = splitOnce(location.hash.slice(1), '/')
    const name = wantedOf(location.hash)
    const mine = ++visit
    const view = opened.get(name) ?? open(name)
    opened.set(name, view)
    let next: View
    try {
      next = await view
    } catch (error) {
      opened.delete(name)
      const title = text.views[name]
      app.notices.show(isNotFetched(error) ? text.viewNotFetched(title) : text.viewFailed(title, tell(error)))
      return
    }
    if (mine !== visit) return // the reader has gone on
    if (next !== shown) {
      shown.element.hidden = true
      shown.hide?.()
      shown = next
      next.element.hidden = false
    }
    links.forEach((link, i) => {
      if (names[i] === name) link.setAttribute('aria-current', 'page')
      else link.removeAttribute('aria-current')
    })
    nav.classList.toggle('in-lab', name === 'lab' || lab.querySelector('[aria-current]') !== null)
    document.title = name === CHAT ? title : `${text.views[name]} · ${title}`
    next.show?.(path)
  }

  window.addEventListener('hashchange', () => void follow())
  void follow()
  return {
    nav,
    outlet,
    setChatPath(path) {
      const address = path === '' ? `#${CHAT}` : `#${CHAT}/${path}`
      links[0]?.setAttribute('href', address)
      if (shown === chatView && wantedOf(location.hash) === CHAT) history.replaceState(null, '', address)
    },
  }
}

/** Such as without a network, before everything is kept: how browsers, and Vite for styles, say that of a module. */
function isNotFetched(error: unknown): boolean {
  return /(fetch|load).* module|module script failed|preload CSS/i.test(describeError(error).message)
}

function splitOnce(address: string, at: string): [string, string] {
  const place = address.indexOf(at)
  return place < 0 ? [address, ''] : [address.slice(0, place), address.slice(place + 1)]
}
