/** @file The page of examples: what its forms and buttons do with the elements. The elements need none of this. */

import '../src/element/index.ts'

const chat = (id: string) => document.querySelector<HTMLElementTagNameMap['rwkv-chat']>(`rwkv-chat#${id}`)

/** A reply that fails says so in its own element. */
const ask = (id: string, message: string) =>
  chat(id)
    ?.send(message)
    .catch(() => {})

for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-say]')) {
  button.addEventListener('click', () => ask('styled', button.dataset.say ?? ''))
}

const form = document.querySelector<HTMLFormElement>('#form')
const output = form?.querySelector('output')
form?.addEventListener('submit', (event) => {
  event.preventDefault()
  if (!output) return
  output.textContent = [...new FormData(form)].map(([name, value]) => `${name}\n${value || '(empty)'}`).join('\n\n')
  output.hidden = false
})
form?.addEventListener('reset', () => {
  if (output) output.hidden = true
})

const askBoth = document.querySelector<HTMLFormElement>('#ask-both')
askBoth?.addEventListener('submit', (event) => {
  event.preventDefault()
  const message = String(new FormData(askBoth).get('message'))
  for (const id of ['careful', 'bold']) void ask(id, message)
})
