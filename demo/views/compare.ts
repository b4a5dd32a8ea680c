/**
 * @file The view that compares answers: several to one question, or two that are drawn differently, side by side as they
 * are written. One of them can become the conversation's.
 */

import { renderMarkdown } from '../../src/element/markdown.ts'
import { samplingOf } from '../../src/element/sampling.ts'
import type { Reply, ReplySummary } from '../../src/index.ts'
import type { App, View } from '../app.ts'
import { button, element } from '../panels/dom.ts'
import { formatCost, text as page, tell } from '../text.ts'
import { askMany, type Question } from './compare/ask.ts'
import { text } from './compare/text.ts'
import './compare/compare.css'
import { sayNoModel } from './parts/no-model.ts'

type Mode = keyof typeof text.modes

/** The view `#compare`; `#compare/N` asks again what the N-th message answers. */
export function createCompareView({ chat, keeper, notices }: App): View {
  let messages = 0 // the question comes behind so many
  let mode: Mode = 'answers'
  let running: AbortController | undefined
  let askedIn: string | undefined // the conversation

  const where = element('p', { class: 'where' })
  const question = element('textarea', { id: 'compare-question', rows: '2', placeholder: text.placeholder })
  const count = element('select', { id: 'compare-count' }, ...[2, 3, 4, 6].map((n) => element('option', {}, String(n))))
  count.value = '3'
  const counted = element('div', { class: 'field' }, element('label', { for: count.id }, text.count), count)
  const [settingA, settingB] = [createSetting('A', 0.3), createSetting('B', 1.2)]
  const two = element('div', { class: 'two' }, settingA.element, settingB.element)
  const ask = button(text.ask, () => void run(), { class: 'primary' })
  const stop = button(text.stop, () => running?.abort())
  const news = element('p', { class: 'news', role: 'status' })
  const columns = element('div', { class: 'columns' })
  const modes = (Object.keys(text.modes) as Mode[]).map((name) => ({
    name,
    button: button(text.modes[name], () => choose(name), { class: 'chip' }),
  }))

  /** What belongs to the other mode goes: its answers, also those on their way, and what was said of them. */
  function choose(name: Mode): void {
    if (name !== mode) {
      running?.abort()
      columns.replaceChildren()
      news.textContent = ''
    }
    mode = name
    for (const one of modes) one.button.setAttribute('aria-pressed', String(one.name === name))
    counted.hidden = name !== 'answers'
    two.hidden = name !== 'settings'
  }

  /** What can be done now. */
  function refresh(): void {
    const isReady = chat.state === 'ready'
    ask.disabled = !isReady || question.value.trim() === '' || running !== undefined
    stop.hidden = running === undefined
    if (!running && columns.childElementCount === 0) news.textContent = isReady ? '' : sayNoModel(chat.state)
  }

  async function run(): Promise<void> {
    if (ask.disabled) return
    const stopping = new AbortController()
    running = stopping
    const prompt = question.value.trim()
    const asked = { messages, prompt }
    askedIn = keeper()?.currentId
    const own = samplingOf(chat)
    const groups: Question['groups'] =
      mode === 'answers'
        ? [{ n: Number(count.value), sampling: own }]
        : [settingA, settingB].map(({ read }) => ({ n: 1, sampling: { ...own, ...read() } }))
    const names = mode === 'answers' ? undefined : [settingA, settingB].map(({ name }) => name())
    news.textContent = text.writing
    columns.replaceChildren()
    refresh()
    try {
      const replies = await askMany(chat, { ...asked, groups, signal: stopping.signal })
      const shown = replies.map((reply, place) => {
        const column = createColumn(names?.[place] ?? text.answer(place), (summary) => void keep(asked, summary))
        columns.append(column.element)
        return column.write(reply)
      })
      await Promise.all(shown)
      news.textContent = text.done
    } catch (error) {
      news.textContent = stopping.signal.aborted ? '' : tell(error)
    } finally {
      running = undefined
      refresh()
    }
  }

  /** `summary` becomes the conversation's reply to what was asked. */
  async function keep(asked: { messages: number; prompt: string }, summary: ReplySummary): Promise<void> {
    try {
      if (asked.messages < chat.messages.length) await chat.rewind(asked.messages)
      await chat.add([
        { role: 'user', text: asked.prompt },
        { role: 'assistant', text: summary.text.trim(), summary },
      ])
      columns.replaceChildren()
      question.value = ''
      location.hash = `#chat/${keeper()?.currentId ?? ''}`
    } catch (error) {
      notices.show(tell(error))
    }
  }

  /** One answer. */
  function createColumn(name: string, onKeep: (summary: ReplySummary) => void) {
    const said = element('div', { class: 'said' })
    const cost = element('p', { class: 'cost' })
    const column = element(
      'article',
      { class: 'card growing', 'aria-label': name },
      element('h3', {}, name),
      said,
      cost,
    )
    const show = (words: string) =>
      said.replaceChildren(renderMarkdown(words, { highlightCode: chat.highlightCode, labels: page }))
    async function write(reply: Reply): Promise<void> {
      let words = ''
      let isDue = false
      try {
        for await (const piece of reply) {
          words += piece
          if (isDue) continue
          isDue = true
          requestAnimationFrame(() => {
            isDue = false
            show(words)
          })
        }
      } catch (error) {
        if (!running?.signal.aborted) throw error
      }
      const summary = await reply.summary
      words = summary.text
      show(words)
      column.classList.remove('growing')
      const { ids, ...rest } = summary
      cost.textContent = formatCost({ ...rest, tokens: ids.length })
      column.append(button(text.keep, () => onKeep(summary)))
    }
    return { element: column, write }
  }

  question.addEventListener('input', refresh)
  question.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    void run()
  })
  chat.addEventListener('statechange', refresh)
  choose('answers')

  return {
    element: element(
      'main',
      { class: 'view compare form', 'aria-label': text.title },
      element('h2', {}, text.title),
      element('p', {}, text.about),
      element(
        'div',
        { class: 'card' },
        element(
          'div',
          { class: 'choice', role: 'group', 'aria-label': text.modesLabel },
          ...modes.map((one) => one.button),
        ),
        element('div', { class: 'field' }, element('label', { for: question.id }, text.question), question),
        where,
        two,
        element('div', { class: 'doing' }, counted, ask, stop),
      ),
      news,
      columns,
    ),
    show(path) {
      if (askedIn !== keeper()?.currentId) columns.replaceChildren() // they answer to another conversation
      const reply = path === '' ? -1 : Number(path)
      const asked = chat.messages[reply - 1]
      const isAgain = asked?.role === 'user'
      messages = isAgain ? reply - 1 : chat.messages.length
      if (isAgain) question.value = asked.text
      where.textContent = isAgain ? text.inPlace : text.place(messages)
      refresh()
    },
    hide: () => running?.abort(),
  }
}

/** Fields of one of the two settings. */
function createSetting(letter: string, temperature: number) {
  const field = (label: string, value: number, max: number) => {
    const id = `compare-${label}-${letter}`
    const input = element('input', {
      type: 'number',
      id,
      min: '0',
      max: String(max),
      step: 'any',
      value: String(value),
    })
    return { input, element: element('div', { class: 'field' }, element('label', { for: id }, label), input) }
  }
  const [heat, share] = [field(text.temperature, temperature, 10), field(text.topP, 0.8, 1)]
  const number = ({ input }: { input: HTMLInputElement }, otherwise: number) =>
    input.checkValidity() && input.value !== '' ? input.valueAsNumber : otherwise
  const read = () => ({ temperature: number(heat, temperature), topP: number(share, 0.8) })
  return {
    element: element('fieldset', {}, element('legend', {}, text.setting(letter)), heat.element, share.element),
    read,
    name: () => `${text.temperature} ${read().temperature}, ${text.topP.toLowerCase()} ${read().topP}`,
  }
}
