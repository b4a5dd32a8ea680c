/**
 * @file A form that the model fills: its reply keeps to a JSON Schema, so every field gets a value that fits, while the
 * reply is being written. The schema is one of several, or the reader's own; what it is shown as is read from it.
 */

import type { App, View } from '../app.ts'
import { button, element } from '../panels/dom.ts'
import { tell } from '../text.ts'
import { sayNoModel } from './parts/no-model.ts'
import { type FieldSchema, fieldsOf, forms, valuesOf } from './structured/schemas.ts'
import { text } from './structured/text.ts'

type Choice = keyof typeof forms | 'own'

/** The view `#structured`. */
export function createStructuredView({ chat }: App): View {
  const request = element('textarea', { rows: '2', maxlength: '400' })
  const own = element('textarea', { rows: '10', spellcheck: 'false' })
  const ownLabel = element('label', {}, text.schema, own)
  const shown = element('div', { class: 'shown' })
  const raw = element('pre', { tabindex: '0', role: 'region', 'aria-label': text.raw })
  const state = element('p', { role: 'status' })
  const none = element('p', { class: 'note' })
  const fill = element('button', { class: 'primary', type: 'submit' }, text.fill)
  const choices = (Object.keys(text.forms) as Choice[]).map((name) => ({
    name,
    button: button(text.forms[name], () => choose(name), { class: 'chip' }),
  }))
  const form = element(
    'form',
    { class: 'structured' },
    element(
      'div',
      { class: 'choice', role: 'group', 'aria-label': text.formsLabel },
      ...choices.map((one) => one.button),
    ),
    element('label', {}, text.request, request),
    ownLabel,
    fill,
    shown,
  )
  let setters: ReadonlyMap<string, (value: unknown) => void> = new Map()
  let chosen: Choice = 'hero'
  let running: AbortController | undefined

  function choose(name: Choice): void {
    running?.abort()
    // The reader's own begins as the one that was shown.
    if (name === 'own') own.value ||= JSON.stringify(chosen === 'own' ? {} : forms[chosen].schema, undefined, 2)
    else request.value = forms[name].request
    chosen = name
    ownLabel.hidden = name !== 'own'
    for (const one of choices) one.button.setAttribute('aria-pressed', String(one.name === name))
    raw.textContent = ''
    state.textContent = ''
    showFields()
  }

  /** @throws SyntaxError if the reader's own is not JSON */
  const schema = (): object => (chosen === 'own' ? (JSON.parse(own.value) as object) : forms[chosen].schema)

  /** Fields for what the schema asks, as far as it can be shown so; all of it stands in the JSON. */
  function showFields(): void {
    let fields: Readonly<Record<string, FieldSchema>> = {}
    try {
      fields = fieldsOf(schema()) ?? {}
    } catch {} // it is being written
    const made = Object.entries(fields).map(([name, field]) => [name, createField(field)] as const)
    setters = new Map(made.map(([name, { set }]) => [name, set]))
    shown.replaceChildren(...made.map(([name, field]) => element('label', {}, labelOf(name), field.element)))
  }

  function show(json: string): void {
    raw.textContent = json
    const values = valuesOf(json)
    for (const [name, set] of setters) set(values[name])
  }

  const ready = () => {
    const has = chat.model !== undefined
    fill.disabled = !has || running !== undefined
    none.hidden = has
    none.textContent = sayNoModel(chat.state)
  }

  async function run(signal: AbortSignal): Promise<void> {
    const { model } = chat
    if (!model) return
    const format = { type: 'json-schema', schema: schema() } as const
    const session = await model.createSession()
    try {
      const reply = session.prompt(request.value, { signal, sampling: { format } })
      let json = ''
      for await (const piece of reply) {
        json += piece
        show(json)
      }
      state.textContent = text.done((await reply.summary).ids.length)
    } finally {
      await session.dispose()
    }
  }

  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    if (running) return
    const controller = new AbortController()
    running = controller
    ready()
    show('')
    state.textContent = text.filling
    try {
      await run(controller.signal)
    } catch (error) {
      const why = error instanceof SyntaxError ? text.notJson(error.message) : tell(error)
      if (running === controller) state.textContent = controller.signal.aborted ? '' : why
    } finally {
      if (running === controller) running = undefined
      ready()
    }
  })
  own.addEventListener('input', showFields)
  chat.addEventListener('statechange', ready)
  choose('hero')
  ready()

  return {
    element: element(
      'main',
      { class: 'view form', 'aria-label': text.title },
      element('h2', {}, text.title),
      element('p', {}, text.about),
      none,
      form,
      state,
      raw,
    ),
    hide: () => running?.abort(),
  }
}

/** Such as "Kind" of "kind". */
const labelOf = (name: string) =>
  (text.fields as Readonly<Record<string, string>>)[name] ?? name.charAt(0).toUpperCase() + name.slice(1)

/** What shows a value that fits `field`. */
function createField(field: FieldSchema): { readonly element: HTMLElement; readonly set: (value: unknown) => void } {
  if (field.enum) {
    const choice = element(
      'select',
      { disabled: true },
      ...['', ...field.enum].map((one) => element('option', {}, one)),
    )
    return {
      element: choice,
      set(value) {
        choice.value = String(value ?? '')
      },
    }
  }
  if (field.type === 'boolean') {
    const box = element('input', { type: 'checkbox', disabled: true })
    return {
      element: box,
      set(value) {
        box.checked = value === true
      },
    }
  }
  const line = element('input', { type: field.type === 'integer' ? 'number' : 'text', readonly: true })
  return {
    element: line,
    set(value) {
      line.value = String(value ?? '')
    },
  }
}
