import { expect, test } from '@playwright/test'
import {
  costOf,
  limitReplies,
  message,
  openChat,
  replies,
  replyText,
  send,
  status,
  stopButton,
  watchConsole,
} from './chat-page.ts'

test('a story streams in, a second message feeds only its own tokens, and the console stays clean', {
  tag: '@firefox-verify',
}, async ({ page }) => {
  const seen = watchConsole(page)
  await openChat(page)
  await expect(status(page)).toContainText('storyteller, RWKV-4')
  await expect(status(page)).toContainText('State of 23,040 bytes')
  await expect(status(page)).toContainText('No hardware GPU is in use')

  // Lengths of the reply's text each time it changed.
  await page.evaluate(() => {
    const lengths: number[] = []
    Object.assign(globalThis, { lengths })
    document.querySelector('rwkv-chat')?.addEventListener('token', async ({ currentTarget }) => {
      const chat = currentTarget as HTMLElement & { updateComplete: Promise<void> }
      await chat.updateComplete
      lengths.push(chat.shadowRoot?.querySelector('.reply .text')?.textContent?.length ?? 0)
    })
  })
  await send(page, 'Tell me a story about a cat.')
  const first = await costOf(page)
  const lengths: number[] = await page.evaluate(() => (globalThis as unknown as { lengths: number[] }).lengths)
  expect(new Set(lengths).size).toBeGreaterThan(20)
  expect(lengths).toEqual([...lengths].sort((a, b) => a - b))
  await expect(replies(page).first()).toContainText('Once upon a time')
  expect(first.finishReason).toBe('stop')

  // A fresh session feeds id 0 first; everything else of the message is the same.
  await send(page, 'Tell me a story about a cat.')
  const second = await costOf(page, 1)
  expect(second.fed).toBe(first.fed - 1)
  expect(seen).toEqual([])
})

test('Stop ends a reply within one token, and the chat goes on', { tag: '@firefox' }, async ({ page }) => {
  await openChat(page)
  await send(page, 'Tell me a story about a cat.')
  await expect(replyText(page)).toContainText('little')
  const atClick = await page.evaluate(() => {
    const root = document.querySelector('rwkv-chat')?.shadowRoot as ShadowRoot
    const shown = root.querySelector('.reply .text')?.textContent?.trim() ?? '' // as Markdown it ends with a line break
    ;(root.querySelector('[part~=stop-button]') as HTMLButtonElement).click()
    return shown
  })
  const { finishReason } = await costOf(page)
  const inTheEnd = (await replyText(page).textContent()) ?? ''
  expect(finishReason).toBe('abort')
  await expect(replies(page).first()).toContainText('stopped')
  expect(inTheEnd.startsWith(atClick)).toBe(true)
  // At most the token that was being computed as the click came, and the one whose message was on its way.
  expect(inTheEnd.slice(atClick.length).trim().split(/\s+/).filter(Boolean).length).toBeLessThanOrEqual(2)

  await send(page, 'Hello! Who are you?')
  expect((await costOf(page, 1)).tokens).toBeGreaterThan(0)
})

test('the keyboard is enough @verify', async ({ page }) => {
  await openChat(page)
  await limitReplies(page, 5000, 5000) // until it is stopped
  await expect(message(page)).toBeFocused()
  await page.keyboard.type('Hello!')
  await page.keyboard.press('Shift+Enter')
  await page.keyboard.type('Who are you?')
  await expect(message(page)).toHaveValue('Hello!\nWho are you?')
  await page.keyboard.press('Enter')
  await expect(stopButton(page)).toBeVisible()
  await expect(replyText(page)).not.toBeEmpty()
  await page.keyboard.press('Escape')
  expect((await costOf(page)).finishReason).toBe('abort')
  await expect(message(page)).toBeFocused()
})

test('a phone shows everything without scrolling sideways', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 640 })
  await openChat(page)
  await page.getByRole('button', { name: 'What is the capital of France?' }).click()
  await costOf(page)
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
  await expect(message(page)).toBeInViewport()
})
