import { expect, test } from '@playwright/test'
import { violations } from './axe.ts'
import { openChat, watchConsole } from './chat-page.ts'
import { goTo } from './view-page.ts'

test('the built-in model fills a form by schema, each field with what fits it', async ({ page }) => {
  await openChat(page)
  const seen = watchConsole(page)
  await goTo(page, 'Form')
  const form = page.getByRole('main', { name: 'Form' })
  const name = await form.getByLabel('Name', { exact: true }).boundingBox()
  const animal = await form.getByRole('combobox', { name: 'Kind' }).boundingBox()
  expect((name?.x ?? 0) + (name?.width ?? 0)).toBeLessThan(animal?.x ?? 0) // neither covers the other
  await form.getByRole('textbox', { name: 'What the form is about' }).fill('Tell me about a dog.')
  await form.getByRole('button', { name: 'Fill in' }).click()
  await expect(form.getByRole('status')).toContainText(/Filled in, with \d+ tokens/, { timeout: 60_000 })

  const json = await form.getByRole('region', { name: 'The reply as JSON' }).textContent()
  const value = JSON.parse(json ?? '') as Record<string, unknown>
  expect(Object.keys(value)).toEqual(['name', 'kind', 'age', 'friendly'])
  expect(value.name).toMatch(/^[A-Z][a-z]{1,11}$/)
  expect(['cat', 'dog', 'bird', 'rabbit', 'bear', 'mouse']).toContain(value.kind)
  expect(Number.isInteger(value.age) && Number(value.age) >= 1 && Number(value.age) <= 20).toBe(true)
  await expect(form.getByLabel('Name', { exact: true })).toHaveValue(String(value.name))
  await expect(form.getByRole('combobox')).toHaveValue(String(value.kind))
  await expect(form.getByRole('spinbutton')).toHaveValue(String(value.age))
  expect(await form.getByRole('checkbox').isChecked()).toBe(value.friendly)
  expect(await violations(page)).toEqual([])
  expect(seen).toEqual([])
})
