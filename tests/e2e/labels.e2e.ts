import { expect, type Locator, test } from '@playwright/test'
import { english } from '../../src/element/labels/labels.ts'
import { addChat, brief, type Chat, openEmpty, untilState } from './element-page.ts'

/** Every label says ☃, and numbers are written in Arabic digits, which are no letters. */
async function addSnowman(chat: Locator): Promise<void> {
  const kinds = Object.entries(english).map(([name, label]): [string, string | string[]] => [
    name,
    typeof label === 'object' ? Object.keys(label) : typeof label,
  ])
  await chat.evaluate((element, kinds) => {
    const snowman = '☃'
    const labels = kinds.map(([name, kind]) => {
      if (name === 'locale') return [name, 'ar-EG']
      if (Array.isArray(kind)) return [name, Object.fromEntries(kind.map((choice) => [choice, snowman]))]
      return [name, kind === 'function' ? () => snowman : snowman]
    })
    ;(element as Chat).labels = Object.fromEntries(labels)
  }, kinds)
}

/** Whatever has letters in what is shown or read out, but the words of messages and the model's name. */
function lettersIn(chat: Locator): Promise<string[]> {
  return chat.evaluate(async (element) => {
    await (element as Chat & { updateComplete: Promise<unknown> }).updateComplete
    const root = element.shadowRoot as ShadowRoot
    const found: (string | null)[] = []
    for (const one of root.querySelectorAll('*')) {
      if (one.closest('[part~=text]')) continue
      found.push(
        ...[...one.childNodes].filter(({ nodeType }) => nodeType === Node.TEXT_NODE).map((node) => node.nodeValue),
      )
      found.push(...['aria-label', 'title', 'placeholder', 'alt'].map((name) => one.getAttribute(name)))
    }
    return found.filter((text): text is string => /\p{L}/u.test(text ?? '') && text !== 'storyteller')
  })
}

test('labels replace every word that the element shows or has read out @verify', async ({ page }) => {
  await openEmpty(page)
  const chat = await addChat(page, { ...brief, loading: 'interaction' })
  await untilState(chat, 'waiting')
  expect(await lettersIn(chat)).toContain('Load the model') // what is looked for is found
  await addSnowman(chat)
  expect(await lettersIn(chat)).toEqual([])
  await chat.getByRole('button', { name: '☃' }).click()
  await untilState(chat, 'ready')
  expect(await lettersIn(chat)).toEqual([])
  await chat.getByRole('textbox', { name: '☃' }).fill('Tell me a story.')
  await chat.getByRole('button', { name: '☃' }).last().click()
  const speakers = () => chat.evaluate((element) => (element as Chat).messages.map(({ role }) => role))
  await expect.poll(speakers).toContain('assistant')
  await untilState(chat, 'ready')
  expect(await lettersIn(chat)).toEqual([])
  await chat.evaluate((element) => {
    Object.assign(element, { loading: 'eager', src: './nothing/' })
  })
  await untilState(chat, 'failed')
  expect(await lettersIn(chat)).toEqual([])
})
