/** @file A chat with one loaded model: transcript, composer, and the session between them. */

import { isRwkvError, type Model, type SamplingOptions, type Session } from '../../src/index.ts'
import { text } from '../text.ts'
import { createComposer } from './composer.ts'
import { button, element } from './dom.ts'
import { faultNotice, softwareNotice } from './notice.ts'
import { createTranscript } from './transcript.ts'

/** The chat; it lives on when the model is loaded anew. */
export interface Chat {
  readonly root: HTMLElement
  /** Start a session with `model`; messages go to it from now on. */
  use(model: Model): Promise<void>
}

/** A chat without a model yet. `onReload` is asked for one after the GPU was lost. */
export function createChat({ sampling, onReload }: { sampling: Partial<SamplingOptions>; onReload: () => void }): Chat {
  let session: Session | undefined
  let name = ''
  let current: AbortController | undefined

  const suggestions = text.suggestions.map((suggestion) =>
    button(suggestion, () => void send(suggestion), { class: 'suggestion' }),
  )
  const welcome = element(
    'section',
    { class: 'welcome' },
    element('h2', {}, text.welcome),
    element('p', { class: 'quiet' }, text.welcomeMore),
    element('div', { class: 'suggestions' }, ...suggestions),
  )
  const transcript = createTranscript(welcome)
  const composer = createComposer({ onSend: (message) => void send(message), onStop: () => current?.abort() })
  const notices = element('div', { class: 'notices' })

  async function send(message: string): Promise<void> {
    if (!session || current) return
    const stop = new AbortController()
    current = stop
    composer.setReplying(true)
    transcript.addUser(message)
    const view = transcript.addReply(name)
    try {
      const reply = session.prompt(message, { signal: stop.signal })
      try {
        for await (const piece of reply) view.append(piece)
      } catch (error) {
        if (!stop.signal.aborted) throw error
      }
      view.finish(await reply.summary)
    } catch (error) {
      view.fail(replyFault(error))
    } finally {
      current = undefined
      composer.setReplying(false)
    }
  }

  function replyFault(error: unknown): HTMLElement {
    const message = error instanceof Error ? error.message : String(error)
    if (!isRwkvError(error, 'gpu/lost') && !isRwkvError(error, 'worker/unavailable'))
      return faultNotice(text.replyFailed, message)
    session = undefined
    composer.setEnabled(false)
    const notice = faultNotice(text.lost, message, {
      label: text.reloadModel,
      run() {
        notice.remove()
        onReload()
      },
    })
    return notice
  }

  return {
    root: element('section', { class: 'chat' }, notices, transcript.root, composer.root),
    async use(model) {
      session = await model.createSession({ sampling })
      name = model.info.name
      notices.replaceChildren(...(model.info.adapter.isFallback ? [softwareNotice()] : []))
      composer.setEnabled(true)
      composer.focus()
    },
  }
}
