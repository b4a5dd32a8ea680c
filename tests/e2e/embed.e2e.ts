import { expect, test } from '@playwright/test'
import { securityHeaders } from '../../demo/content-security.ts'
import { violations } from './axe.ts'
import { loadButton, replies, untilState, watch } from './element-page.ts'

for (const [colorScheme, tag] of [
  ['light', ' @verify'],
  ['dark', ''],
] as const) {
  test(`the page of examples breaks no rule of axe-core, ${colorScheme}${tag}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.goto('./embed.html')
    for (const id of ['minimal', 'styled', 'careful', 'bold']) {
      const chat = page.locator(`#${id}`)
      await chat.scrollIntoViewIfNeeded()
      await untilState(chat, 'ready')
    }
    expect(await violations(page)).toEqual([]) // empty conversations, and a poster
    await page.evaluate(() => {
      for (const chat of document.querySelectorAll('rwkv-chat')) chat.maxTokens = 5
    })
    await page.getByRole('button', { name: 'A brave little boat' }).click()
    await page.getByRole('button', { name: 'Ask', exact: true }).click()
    for (const id of ['styled', 'careful', 'bold'])
      await expect(replies(page.locator(`#${id}`))).toContainText('cut at the limit')
    expect(await violations(page)).toEqual([])
  })
}

test('while it loads, and when it has failed, the element breaks no rule of axe-core', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  let go = () => {}
  const held = new Promise<void>((resolve) => {
    go = resolve
  })
  await page.route('**/vocab.txt', async (route) => {
    if (route.request().method() === 'HEAD') return route.fallback()
    await held
    await route.fulfill({ status: 404 })
  })
  await page.goto('./embed.html')
  const chat = page.locator('#minimal')
  await expect(chat.getByRole('progressbar')).toBeVisible()
  expect(await violations(page)).toEqual([])
  go()
  await expect(chat.getByRole('alert')).toContainText('vocab.txt')
  expect(await violations(page)).toEqual([])
})

test('the built pages run under their policy without a report', { tag: '@firefox-verify' }, async ({ page }) => {
  for (const path of ['./embed.html', './?greedy']) {
    const seen = await watch(page)
    await page.addInitScript(() => {
      const reports: string[] = []
      Object.assign(globalThis, { reports })
      document.addEventListener('securitypolicyviolation', (event) =>
        reports.push(`${event.violatedDirective} ${event.blockedURI}`),
      )
    })
    const response = await page.goto(path)
    const headers = response?.headers() ?? {}
    for (const [name, value] of Object.entries(securityHeaders)) expect(headers[name.toLowerCase()]).toBe(value)
    await expect(page.locator('meta[http-equiv="Content-Security-Policy"]')).toHaveCount(1)
    const box = page.getByRole('textbox', { name: 'Message' }).first()
    await box.fill('Hello!')
    await box.press('Enter')
    await expect(page.getByRole('log').first()).toContainText('tokens/s')
    expect(await page.evaluate(() => (globalThis as unknown as { reports: string[] }).reports)).toEqual([])
    expect(seen).toEqual([])
  }
})

test('the policy stops what it is there to stop', async ({ page }) => {
  await page.goto('./embed.html')
  const stopped = await page.evaluate(async () => {
    const caught = (work: () => unknown) => {
      try {
        work()
        return false
      } catch {
        return true
      }
    }
    const policies = (globalThis as unknown as { trustedTypes: { createPolicy(name: string, rules: object): unknown } })
      .trustedTypes
    return {
      markup: caught(() => {
        document.createElement('div').innerHTML = '<b>x</b>'
      }),
      worker: caught(() => new Worker('./rwkv.worker.js')),
      policy: caught(() => policies.createPolicy('other', {})),
      twice: caught(() => policies.createPolicy('rwkv', {})),
      request: await fetch('https://example.org/').then(
        () => false,
        () => true,
      ),
    }
  })
  expect(stopped).toMatchObject({ markup: true, worker: true, policy: true, request: true })
})

test('in the form nothing is loaded before the click', async ({ page }) => {
  await page.goto('./embed.html')
  const chat = page.locator('#in-form')
  await chat.scrollIntoViewIfNeeded()
  await untilState(chat, 'waiting')
  await expect(loadButton(chat)).toBeVisible()
})
