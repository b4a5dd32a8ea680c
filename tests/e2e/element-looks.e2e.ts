import { expect, type Locator, test } from '@playwright/test'
import {
  addChat,
  brief,
  loadButton,
  message,
  mine,
  openChat,
  openEmpty,
  replies,
  say,
  untilState,
} from './element-page.ts'

const styleOf = (target: Locator, property: string) =>
  target.evaluate((element, name) => getComputedStyle(element).getPropertyValue(name), property)

const part = (chat: Locator, name: string) => chat.locator(`[part~="${name}"]`)

test('slots take the place of header, poster and empty conversation', async ({ page }) => {
  await openEmpty(page)
  const chat = await addChat(page, { ...brief, loading: 'interaction' })
  await chat.evaluate((element) => {
    for (const slot of ['header', 'poster', 'empty']) {
      const own = document.createElement('p')
      own.slot = slot
      own.textContent = `own ${slot}`
      element.append(own)
    }
  })
  await expect(chat.getByText('own header')).toBeVisible()
  await expect(chat.getByText('own poster')).toBeVisible()
  await expect(chat.getByText('own empty')).toBeHidden()
  await loadButton(chat).click()
  await untilState(chat, 'ready')
  await expect(chat.getByText('own poster')).toBeHidden()
  await expect(chat.getByText('own empty')).toBeVisible()
  await say(chat, 'Hello!')
  await expect(chat.getByText('own empty')).toBeHidden()
})

test('custom properties and parts change how it looks, from outside @verify', async ({ page }) => {
  const chat = await openChat(page)
  await say(chat, 'Hello!')
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(`
      rwkv-chat { --rwkv-chat-background: rgb(1 2 3); --rwkv-chat-user-background: rgb(4 5 6); --rwkv-chat-height: 300px }
      rwkv-chat::part(text) { letter-spacing: 3px }
      rwkv-chat::part(send-button) { text-transform: uppercase }`)
    document.adoptedStyleSheets = [sheet]
  })
  expect(await styleOf(chat, 'background-color')).toBe('rgb(1, 2, 3)')
  expect(await styleOf(chat, 'height')).toBe('300px')
  expect(await styleOf(mine(chat), 'background-color')).toBe('rgb(4, 5, 6)')
  expect(await styleOf(part(chat, 'text').first(), 'letter-spacing')).toBe('3px')
  expect(await styleOf(part(chat, 'send-button'), 'text-transform')).toBe('uppercase')
})

test('it follows the page into the dark, into forced colours, and into less motion @verify', async ({ page }) => {
  const chat = await openChat(page, { ...brief, 'max-tokens': '200' })
  const background = () => styleOf(chat, 'background-color')
  const light = await background()
  await page.emulateMedia({ colorScheme: 'dark' })
  expect(await background()).not.toBe(light)
  // A page decides for its own elements as well.
  await chat.evaluate((element) => element.style.setProperty('color-scheme', 'light'))
  expect(await background()).toBe(light)

  await message(chat).fill('Tell me a story about a cat.')
  await message(chat).press('Enter')
  const growing = chat.locator('.growing')
  await expect(growing).toBeVisible()
  const animation = () => growing.evaluate((element) => getComputedStyle(element, '::after').animationName)
  expect(await animation()).toBe('breathe')
  await page.emulateMedia({ reducedMotion: 'reduce' })
  expect(await animation()).toBe('none')
  await page.emulateMedia({ forcedColors: 'active' })
  expect(await styleOf(mine(chat), 'border-top-style')).toBe('solid')
})

test('from right to left, everything changes sides @verify', async ({ page }) => {
  const chat = await openChat(page)
  await say(chat, 'Hello!')
  const sides = async () => {
    const [host, user, button] = await Promise.all(
      [chat, mine(chat), part(chat, 'send-button')].map((one) => one.boundingBox()),
    )
    if (!host || !user || !button) throw new Error('not shown')
    const middle = host.x + host.width / 2
    return { user: user.x > middle - user.width / 2, button: button.x > middle }
  }
  expect(await sides()).toEqual({ user: true, button: true })
  await page.evaluate(() => {
    document.documentElement.dir = 'rtl'
  })
  expect(await sides()).toEqual({ user: false, button: false })
})

test('a growing reply is followed, but not by a reader who has scrolled up', async ({ page }) => {
  const chat = await openChat(page, { ...brief, 'min-tokens': '160', 'max-tokens': '160' })
  await chat.evaluate((element) => element.style.setProperty('--rwkv-chat-height', '15rem'))
  await chat.getByRole('button', { name: 'Dismiss' }).click()
  await message(chat).fill('Tell me a story about a cat.')
  await message(chat).press('Enter')
  const log = chat.getByRole('log')
  const place = () =>
    log.evaluate(({ scrollTop, scrollHeight, clientHeight }) => ({
      scrollTop,
      left: scrollHeight - scrollTop - clientHeight,
    }))
  await expect.poll(async () => (await place()).scrollTop).toBeGreaterThan(60)
  await log.evaluate((element) => element.scrollTo(0, 0))
  const latest = chat.getByRole('button', { name: 'Go to the latest' })
  await expect(latest).toBeVisible()
  const { left } = await place()
  await expect.poll(async () => (await place()).left).toBeGreaterThan(left)
  expect((await place()).scrollTop).toBe(0)
  await latest.click()
  await expect(replies(chat)).toContainText('tokens/s')
  expect((await place()).left).toBeLessThanOrEqual(1)
  await expect(latest).toHaveCount(0)
})

test('a narrow column shows everything without scrolling sideways @verify', async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 640 })
  await page.goto('./embed.html')
  const chat = page.locator('#minimal')
  await chat.scrollIntoViewIfNeeded()
  await untilState(chat, 'ready')
  await chat.evaluate((element) => Object.assign(element, { maxTokens: 4 }))
  await say(chat, 'Averyveryveryveryverylongwordwithoutanyplacetobreakitatallinsight')
  await expect(replies(chat)).toContainText('tokens/s')
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320)
  expect(await chat.getByRole('log').evaluate((log) => log.scrollWidth - log.clientWidth)).toBe(0)
})
