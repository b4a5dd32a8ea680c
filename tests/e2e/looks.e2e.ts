/** @file What the page promises of its looks, measured in every view: heights, targets, contrast, overflow, and axe. */

import { expect, type Page, test } from '@playwright/test'
import { violations } from './axe.ts'
import { ask, limitReplies, openChat } from './chat-page.ts'

test.slow() // axe reads each view in light and in dark

const VIEWS = ['chat', 'models', 'settings', 'lab', 'compare', 'structured', 'state', 'bench', 'about']
const LEAST_TARGET = 44
const LEAST_CONTRAST = 4.5

/** The views, each once it has nothing left to do. */
async function* everyView(page: Page): AsyncGenerator<string> {
  for (const view of VIEWS) {
    await page.goto(new URL(`#${view}`, page.url()).href)
    await expect(page.locator('main:visible')).toBeVisible()
    await page.locator('main:visible details').evaluateAll((all) => {
      for (const folded of all as HTMLDetailsElement[]) folded.open = true
    })
    yield view
  }
}

/** Height of what is visible of `selector`, also in the chat's own tree. */
const heightOf = (page: Page, selector: string) =>
  page
    .locator(selector)
    .filter({ visible: true })
    .evaluateAll((all) => all.reduce((sum, one) => sum + one.getBoundingClientRect().height, 0))

/** What can be pressed and is smaller than a finger needs; links within a sentence may be. */
const smallTargets = (page: Page) =>
  page.evaluate((least) => {
    const roots: (Document | ShadowRoot)[] = [document]
    for (const host of document.querySelectorAll('rwkv-chat')) if (host.shadowRoot) roots.push(host.shadowRoot)
    const all = roots.flatMap((root) => [
      ...root.querySelectorAll<HTMLElement>('button, a[href], input, select, textarea, summary, label[for]'),
    ])
    return all.flatMap((one) => {
      const { width, height } = one.getBoundingClientRect()
      const isInText = one.localName === 'a' && one.closest('p') !== null
      const isHidden = !one.checkVisibility({ visibilityProperty: true }) || width <= 1 || one.matches('input:disabled')
      const isNamed = one.localName === 'label' && !one.classList.contains('button') // its field is pressed
      if (isHidden || isInText || isNamed || (width >= least - 0.5 && height >= least - 0.5)) return []
      return [
        `${one.localName}.${one.className} ${one.textContent?.trim()}: ${Math.round(width)} × ${Math.round(height)}`,
      ]
    })
  }, LEAST_TARGET)

/** Fields whose placeholder is paler than text may be, with its contrast. */
const palePlaceholders = (page: Page) =>
  page.evaluate((least) => {
    const light = (color: string) => {
      const canvas = new OffscreenCanvas(1, 1).getContext('2d')
      if (!canvas) throw new Error('no canvas')
      canvas.fillStyle = color
      canvas.fillRect(0, 0, 1, 1)
      const [r = 0, g = 0, b = 0] = Array.from(canvas.getImageData(0, 0, 1, 1).data, (value) => {
        const share = value / 255
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
      })
      return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const behind = (one: Element): string => {
      const { backgroundColor } = getComputedStyle(one)
      const parent = one.parentElement ?? (one.getRootNode() as ShadowRoot).host
      return backgroundColor === 'rgba(0, 0, 0, 0)' && parent ? behind(parent) : backgroundColor
    }
    const inChat = document.querySelector('rwkv-chat')?.shadowRoot?.querySelectorAll('[placeholder]') ?? []
    return [...document.querySelectorAll('[placeholder]'), ...inChat].flatMap((field) => {
      if (!field.checkVisibility()) return []
      const [a, b] = [light(getComputedStyle(field, '::placeholder').color), light(behind(field))]
      const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
      return contrast >= least ? [] : [`${field.getAttribute('placeholder')}: ${contrast.toFixed(2)}`]
    })
  }, LEAST_CONTRAST)

/** By how much the page or its view is wider than what is seen of it. */
const overflow = (page: Page) =>
  page.evaluate(() =>
    Math.max(
      ...[document.documentElement, ...document.querySelectorAll('.view, .conversations')].map(
        ({ scrollWidth, clientWidth }) => scrollWidth - clientWidth,
      ),
    ),
  )

/** Between messages, in pixels: a message and its reply, a reply and the next message. */
const turnGaps = (page: Page) =>
  page.getByRole('log').evaluate((log) => {
    const boxes = [...log.querySelectorAll('article')].map((one) => one.getBoundingClientRect())
    return boxes.slice(1).map(({ top }, i) => Math.round(top - (boxes[i]?.bottom ?? 0)))
  })

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })

  test('every view keeps to the width, every target to a finger, and placeholders can be read; of the chat little is frame @verify', async ({
    page,
  }) => {
    await openChat(page)
    expect(await heightOf(page, '.top, .status footer, rwkv-chat [part=composer]')).toBeLessThanOrEqual(170)
    await limitReplies(page, 4)
    for (const [place, message] of ['Hello!', 'And then?'].entries()) await ask(page, message, place)
    expect(await turnGaps(page)).toEqual([12, 32, 12])
    await page.getByRole('button', { name: 'Edit' }).first().tap()
    expect(await smallTargets(page)).toEqual([])
    await page.keyboard.press('Escape')
    for await (const view of everyView(page)) {
      expect(await overflow(page), view).toBe(0)
      expect(await smallTargets(page), view).toEqual([])
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        expect(await palePlaceholders(page), `${view}, ${colorScheme}`).toEqual([])
        expect(await violations(page), `${view}, ${colorScheme}`).toEqual([])
      }
    }
    await page.getByRole('button', { name: 'Menu' }).tap()
    expect(await overflow(page)).toBe(0)
    expect(await smallTargets(page)).toEqual([])
    expect(await palePlaceholders(page)).toEqual([])
    const faults = await violations(page)
    expect(faults.filter((fault) => !fault.startsWith('landmark-one-main'))).toEqual([]) // the menu covers the view
  })
})

for (const locale of ['de-DE', 'zh-CN'])
  test.describe(`in ${locale}`, () => {
    test.use({ locale, viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })

    test('every view keeps to the width of a phone, and every target to a finger @verify', async ({ page }) => {
      await page.goto('./?device=wasm')
      await expect(page.locator('html')).toHaveAttribute('lang', locale.startsWith('de') ? 'de' : locale)
      await expect(page.locator('.status')).toContainText('storyteller')
      for await (const view of everyView(page)) {
        expect(await overflow(page), view).toBe(0)
        expect(await smallTargets(page), view).toEqual([])
      }
      await page.locator('.menu').tap()
      expect(await overflow(page)).toBe(0)
    })
  })

test('on a wide screen every view is sound, and turns stand further apart than a message and its reply @verify', async ({
  page,
}) => {
  await page.setViewportSize({ width: 1280, height: 800 })
  await openChat(page)
  await limitReplies(page, 4)
  for (const [place, message] of ['Hello!', 'And then?'].entries()) await ask(page, message, place)
  expect(await turnGaps(page)).toEqual([12, 32, 12])
  for await (const view of everyView(page)) {
    expect(await overflow(page), view).toBe(0)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      expect(await palePlaceholders(page), `${view}, ${colorScheme}`).toEqual([])
      expect(await violations(page), `${view}, ${colorScheme}`).toEqual([])
    }
  }
})

test('a notice moves no text @verify', async ({ page }) => {
  await openChat(page)
  await limitReplies(page, 4)
  await ask(page, 'Hello!')
  const places = () =>
    page.locator('rwkv-chat, rwkv-chat article').evaluateAll((all) => all.map((one) => one.getBoundingClientRect().top))
  const before = await places()
  await page.getByRole('button', { name: 'Branch from here' }).click()
  await expect(page.getByText('You are back at this place.')).toBeVisible()
  expect(await places()).toEqual(before)
})
