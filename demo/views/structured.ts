/**
 * @file A form that the model fills: its reply keeps to a JSON Schema, so every field gets a value that fits, while the
 * reply is being written. What it is shown as is read from the schema.
 */

import type { App, View } from '../app.ts'
import { element } from '../panels/dom.ts'
import { text } from '../text.ts'
import { sayNoModel } from './parts/no-model.ts'

const words = text.structured

/** What the form is, and what the reply keeps to. */
const schema = {
  type: 'object',
  properties: {
    name: { type: 'string', pattern: '^[A-Z][a-z]{1,11}$' },
    kind: { enum: ['cat', 'dog', 'bird', 'rabbit', 'bear', 'mouse'] },
    age: { type: 'integer', minimum: 1, maximum: 20 },
    friendly: { type: 'boolean' },
  },
  required: ['name', 'kind', 'age', 'friendly'],
  additionalProperties: false,
} as const

/** The view `#structured`. */
export function createStructuredView({ chat }: App): View {
  const { kind: kinds, age: ages } = schema.properties
  const name = element('input', { type: 'text', readonly: true })
  const kind = element(
    'select',
    { disabled: true },
    element('option', {}),
    ...kinds.enum.map((one) => element('option', {}, one)),
  )
  const age = element('input', { type: 'number', readonly: true, min: String(ages.minimum), max: String(ages.maximum) })
  const friendly = element('input', { type: 'checkbox', disabled: true })
  const fields = { name, kind, age, friendly }
  const request = element('textarea', { rows: '2', maxlength: '400' }, words.example)
  const raw = element('pre', { tabindex: '0', role: 'region', 'aria-label': words.raw })
  const state = element('p', { role: 'status' })
  const none = element('p', { class: 'note' })
  const fill = element('button', { class: 'primary', type: 'submit' }, words.fill)
  const form = element(
    'form',
    { class: 'structured' },
    element('label', {}, words.request, request),
    fill,
    ...Object.entries(fields).map(([key, field]) =>
      element('label', {}, words.fields[key as keyof typeof fields], field),
    ),
  )
  let running: AbortController | undefined

  function show(json: string): void {
    raw.textContent = json
    const values = valuesOf(json)
    name.value = String(values.name ?? '')
    kind.value = String(values.kind ?? '')
    age.value = String(values.age ?? '')
    friendly.checked = values.friendly === true
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
    const session = await model.createSession()
    try {
      const reply = session.prompt(request.value, { signal, sampling: { format: { type: 'json-schema', schema } } })
      let json = ''
      for await (const piece of reply) {
        json += piece
        show(json)
      }
      state.textContent = words.done((await reply.summary).ids.length)
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
    state.textContent = words.filling
    try {
      await run(controller.signal)
    } catch (error) {
      state.textContent = controller.signal.aborted ? '' : error instanceof Error ? error.message : String(error)
    } finally {
      running = undefined
      ready()
    }
  })
  chat.addEventListener('statechange', ready)
  ready()

  return {
    element: element(
      'main',
      { class: 'view', 'aria-label': words.title },
      element('h2', {}, words.title),
      element('p', {}, words.about),
      none,
      form,
      state,
      raw,
    ),
    hide: () => running?.abort(),
  }
}

/** The values in a beginning of an object of JSON without objects in it; a text as far as it goes. */
function valuesOf(json: string): Readonly<Record<string, unknown>> {
  const pairs = json.matchAll(/"(\w+)": ?("(?:[^"\\]|\\.)*"?|true|false|\d+)/g)
  return Object.fromEntries(
    Array.from(pairs, ([, key = '', value = '']) => [
      key,
      value.startsWith('"') ? value.replaceAll('"', '') : (JSON.parse(value) as unknown),
    ]),
  )
}
