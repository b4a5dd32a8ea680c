/**
 * @file What `<rwkv-chat>` does: conversations, loading, what scripts may call, pages it stands in, faults. It is longer
 * than other files because each of its members and attributes has a test; looks are in `element-looks.e2e.ts`.
 */

import { expect, type Page, test } from '@playwright/test'
import { beginWorkerWith, NO_WASM, NO_WEBGPU } from './chat-page.ts'
import {
  addChat,
  brief,
  type Chat,
  loadButton,
  MODEL,
  message,
  mine,
  openChat,
  openEmpty,
  pretendSize,
  replies,
  say,
  sendButton,
  stopButton,
  untilState,
  watch,
  watchWeights,
} from './element-page.ts'
import { untilQuiet } from './quiet.ts'

/** Workers that are alive, once that many are. */
const expectWorkers = (page: Page, count: number) => expect.poll(() => page.workers().length).toBe(count)

test.describe('a conversation', () => {
  test('streams a reply, says what it cost and on what it ran, and leaves the console clean', {
    tag: '@firefox-verify',
  }, async ({ page }) => {
    const seen = await watch(page)
    const chat = await openChat(page, { ...brief, 'max-tokens': '24' })
    await expect(chat.getByText('No hardware GPU is in use')).toBeVisible()
    await chat.getByRole('button', { name: 'Dismiss' }).click()
    await expect(chat.getByText('No hardware GPU is in use')).toHaveCount(0)

    await chat.evaluate((element) => {
      const lengths: number[] = []
      Object.assign(globalThis, { lengths })
      const look = () =>
        lengths.push(element.shadowRoot?.querySelector('[part=text].growing')?.textContent?.length ?? 0)
      new MutationObserver(look).observe(element.shadowRoot as ShadowRoot, {
        subtree: true,
        childList: true,
        characterData: true,
      })
    })
    await message(chat).fill('Tell me a story about a cat.')
    await sendButton(chat).click()
    await expect(mine(chat)).toHaveText('Tell me a story about a cat.')
    await expect(replies(chat)).toContainText(
      /Once upon a time.*24 tokens · first after <?[\d.]+ s · [\d.]+ tokens\/s · cut at the limit/s,
    )
    const lengths = await page.evaluate(() => (globalThis as unknown as { lengths: number[] }).lengths)
    expect(new Set(lengths).size).toBeGreaterThan(8)
    expect(seen).toEqual([])
  })

  test('is heard: that a reply began, then the whole of it, and none of its pieces @verify', async ({ page }) => {
    const chat = await openChat(page)
    const live = chat.locator('[aria-live=polite][role=status]')
    await chat.evaluate((element) => {
      const region = element.shadowRoot?.querySelector('[aria-live=polite][role=status]') as Element
      const heard: string[] = []
      Object.assign(globalThis, { heard })
      new MutationObserver(() => heard.push(region.textContent ?? '')).observe(region, {
        subtree: true,
        childList: true,
        characterData: true,
      })
    })
    const reply = (await say(chat, 'Hello!')).trim()
    await expect(live).toHaveText(`storyteller: ${reply}`)
    const heard = await page.evaluate(() => (globalThis as unknown as { heard: string[] }).heard)
    expect(heard).toEqual(['storyteller is replying.', `storyteller: ${reply}`])
    await expect(chat.getByRole('log', { name: 'Conversation' })).toHaveAttribute('aria-live', 'off')
  })

  test('needs no pointer: Enter sends, Shift+Enter breaks the line, Escape stops @verify', async ({ page }) => {
    const untilStopped = { 'min-tokens': '5000', 'max-tokens': '5000' }
    const chat = await openChat(page, { src: MODEL, temperature: '0', ...untilStopped })
    await chat.evaluate((element) => element.focus())
    await expect(message(chat)).toBeFocused()
    await page.keyboard.type('Tell me a story')
    await page.keyboard.press('Shift+Enter')
    await page.keyboard.type('about a cat.')
    await expect(message(chat)).toHaveValue('Tell me a story\nabout a cat.')
    await page.keyboard.press('Enter')
    await expect(stopButton(chat)).toBeVisible()
    await expect(replies(chat)).toContainText('Once upon')
    await page.keyboard.press('Escape')
    await expect(replies(chat)).toContainText('stopped')
    await expect(message(chat)).toBeFocused()
    await page.keyboard.press('Shift+Tab') // past the log and out of the conversation: nothing traps the focus
    await expect(message(chat)).not.toBeFocused()
    await page.keyboard.press('Tab')
    await expect(message(chat)).toBeFocused()
  })

  test('a message written while the model loads, or a reply is made, goes as soon as it can', async ({ page }) => {
    await openEmpty(page)
    let go = () => {}
    const held = new Promise<void>((resolve) => {
      go = resolve
    })
    await page.route('**/vocab.txt', async (route) => {
      await held
      await route.fallback()
    })
    const chat = await addChat(page, { ...brief, loading: 'eager' })
    await message(chat).fill('Hello!')
    await message(chat).press('Enter')
    await expect(chat.getByText('It will be sent as soon as the model is ready.')).toBeVisible()
    await expect(chat.getByRole('progressbar', { name: 'Loading progress' })).toBeVisible()
    go()
    await expect(replies(chat)).toContainText('tokens/s')
    await expect(message(chat)).toHaveValue('')
  })

  test('is begun anew by Start over', async ({ page }) => {
    const chat = await openChat(page)
    const first = await say(chat, 'Hello!')
    await chat.getByRole('button', { name: 'Start over' }).click()
    await expect(chat.getByRole('log')).toHaveCount(0)
    await expect(chat.getByText('Say something')).toBeVisible()
    expect(await say(chat, 'Hello!')).toBe(first)
  })
})

test.describe('loading', () => {
  test('lazy: nothing is asked before the element is in sight', async ({ page }) => {
    await openEmpty(page)
    const weights = watchWeights(page)
    await page.evaluate(() => {
      const space = document.createElement('div')
      space.style.height = '3000px'
      document.querySelector('main')?.append(space)
    })
    const chat = await addChat(page, brief)
    await untilQuiet(page)
    await untilState(chat, 'idle')
    expect(weights).toEqual([])
    await chat.scrollIntoViewIfNeeded()
    await untilState(chat, 'ready')
    expect(weights[0]).toBe('HEAD')
  })

  test('lazy: a model above 20 MB waits for a click and names its size @verify', async ({ page }) => {
    await openEmpty(page)
    const weights = watchWeights(page)
    await pretendSize(page, 338_000_000)
    const chat = await addChat(page, brief)
    await expect(loadButton(chat)).toHaveText('Load the model (338.1 MB)')
    await untilState(chat, 'waiting')
    expect(weights).toEqual(['HEAD'])
    await loadButton(chat).click()
    await untilState(chat, 'ready')
    expect(weights).toContain('GET')
    await expect(message(chat)).toBeFocused()
  })

  test('lazy: where the size cannot be told, it waits too @verify', async ({ page }) => {
    await openEmpty(page)
    const weights = watchWeights(page)
    await page.route('**/model.safetensors', (route) => route.fulfill({ status: 403 }))
    const chat = await addChat(page, brief)
    await expect(loadButton(chat)).toHaveText('Load the model')
    await untilState(chat, 'waiting')
    await chat.evaluate((element) => void (element as Chat).send('Hello!')) // asking is no click
    await untilQuiet(page)
    await untilState(chat, 'waiting')
    expect(weights.length).toBeLessThanOrEqual(2)
  })

  test('eager: loads whatever the size, in sight or not, without asking for it @verify', async ({ page }) => {
    await openEmpty(page)
    await pretendSize(page, 338_000_000)
    const weights = watchWeights(page)
    const chat = await addChat(page, { ...brief, loading: 'eager', hidden: '' })
    await untilState(chat, 'ready')
    expect(weights).not.toContain('HEAD')
  })

  test('interaction: makes no request before a click @verify', async ({ page }) => {
    await openEmpty(page)
    const requests: string[] = []
    page.on('request', (request) => {
      if (!request.url().endsWith('/icon.svg')) requests.push(request.url()) // the browser's own, whenever it likes
    })
    const chat = await addChat(page, { ...brief, loading: 'interaction' })
    await untilState(chat, 'waiting')
    await untilQuiet(page)
    expect(requests).toEqual([])
    await loadButton(chat).click()
    await untilState(chat, 'ready')
  })

  for (const when of ['before', 'after'] as const) {
    test(`a load asked for by a script ${when} the element is put on the page is the only one`, async ({ page }) => {
      await openEmpty(page)
      const states = await page.evaluate(
        async ([src, when]) => {
          const chat = document.createElement('rwkv-chat') as Chat
          const states: string[] = []
          chat.addEventListener('statechange', ({ detail }) => states.push(detail.state))
          chat.src = src
          const put = () => document.querySelector('main')?.append(chat)
          if (when === 'after') put()
          await chat.load()
          if (when === 'before') put()
          return states
        },
        [MODEL, when] as const,
      )
      const chat = page.locator('rwkv-chat')
      await say(chat, 'Hello!')
      await untilState(chat, 'ready')
      await expect(chat.getByText('does not remember')).toHaveCount(0)
      expect(states).toEqual(['loading', 'ready'])
      await chat.evaluate((element) => element.remove())
      await expectWorkers(page, 0)
    })
  }

  test('a load or a message right after another src was set is for that @verify', async ({ page }) => {
    const chat = await openChat(page, { ...brief, loading: 'interaction', src: './models/nowhere/' }, 'waiting')
    const [state, reply] = await chat.evaluate(async (element, src) => {
      const one = element as Chat
      await one.load()
      one.src = src
      await one.load()
      const { state } = one
      one.weights = 'f32'
      const replying = one.send('Hello!')
      await one.load()
      return [state, (await replying)?.text]
    }, MODEL)
    expect(state).toBe('ready')
    expect(reply).not.toBe('')
  })

  test('progress is told in bytes, by event and on the page @verify', async ({ page }) => {
    await openEmpty(page)
    const chat = await addChat(page, { ...brief, loading: 'interaction' })
    await chat.evaluate((element) => {
      const seen: { loaded: number; total: number; shown: string }[] = []
      Object.assign(globalThis, { seen })
      ;(element as Chat).addEventListener('progress', async ({ detail: { loaded, total } }) => {
        await (element as Chat & { updateComplete: Promise<unknown> }).updateComplete
        seen.push({ loaded, total, shown: element.shadowRoot?.querySelector('[part=loading]')?.textContent ?? '' })
      })
    })
    await loadButton(chat).click()
    await untilState(chat, 'ready')
    const seen = await page.evaluate(
      () => (globalThis as unknown as { seen: { loaded: number; total: number; shown: string }[] }).seen,
    )
    const last = seen.at(-1)
    expect(last?.total).toBeGreaterThan(8_900_000)
    expect(last?.loaded).toBe(last?.total)
    expect(seen.some(({ shown }) => /[\d.]+ MB of 8\.9 MB/.test(shown))).toBe(true)
  })
})

test.describe('for scripts', () => {
  test('events come in order, bubble out of shadow roots, and beforesend changes or stops a message', async ({
    page,
  }) => {
    await openEmpty(page)
    await page.evaluate((attributes) => {
      const heard: string[] = []
      Object.assign(globalThis, { heard })
      for (const type of ['statechange', 'token', 'message', 'beforesend']) {
        document.addEventListener(type, (event) => {
          const { detail } = event as CustomEvent
          heard.push(type === 'statechange' ? `to ${detail.state}` : type === 'message' ? detail.role : type)
          if (detail.text === 'no') event.preventDefault()
          if (detail.text === 'hi') detail.text = 'Hello!'
        })
      }
      const outer = document.createElement('div')
      outer.id = 'outer'
      const chat = document.createElement('rwkv-chat')
      for (const [name, value] of Object.entries(attributes)) chat.setAttribute(name, value)
      outer.attachShadow({ mode: 'open' }).append(chat)
      document.querySelector('main')?.append(outer)
    }, brief)
    const chat = page.locator('#outer rwkv-chat')
    await untilState(chat, 'ready')
    expect(await say(chat, 'no')).toBe('')
    await expect(chat.getByRole('log')).toHaveCount(0)
    expect((await say(chat, 'hi')).length).toBeGreaterThan(0)
    await expect(mine(chat)).toHaveText('Hello!')
    const heard = await page.evaluate(() => (globalThis as unknown as { heard: string[] }).heard)
    const order = heard.filter((name, place) => name !== heard[place - 1])
    expect(order).toEqual([
      'to loading',
      'to ready',
      'beforesend',
      'to replying',
      'user',
      'token',
      'assistant',
      'to ready',
    ])
  })

  test('send queues, stop ends, clear forgets; session is the live session', async ({ page }) => {
    const chat = await openChat(page)
    const two = await chat.evaluate(async (element) => {
      const one = element as Chat
      const summaries = await Promise.all([one.send('Hello!'), one.send('Who are you?')])
      return { reasons: summaries.map((summary) => summary?.finishReason), roles: one.messages.map(({ role }) => role) }
    })
    expect(two.roles).toEqual(['user', 'assistant', 'user', 'assistant'])
    expect(two.reasons).toHaveLength(2)

    const stopped = await chat.evaluate(async (element) => {
      const one = element as Chat
      one.maxTokens = 400
      one.addEventListener('token', () => one.stop(), { once: true })
      return (await one.send('Tell me a story about a cat.'))?.finishReason
    })
    expect(stopped).toBe('abort')

    const after = await chat.evaluate(async (element) => {
      const one = element as Chat
      one.maxTokens = 4
      await one.clear()
      const reply = one.session?.prompt('Hello!', { sampling: { maxTokens: 2 } })
      return { left: one.messages.length, tokens: (await reply?.summary)?.ids.length }
    })
    expect(after).toEqual({ left: 0, tokens: 2 })
  })

  test('a message that waits for a reply is not sent in the conversation that follows @verify', async ({ page }) => {
    const chat = await openChat(page)
    await chat.evaluate((element) => void Object.assign(element, { minTokens: 5000, maxTokens: 5000 }))
    const box = chat.getByRole('textbox')
    await box.fill('Tell me a story about a cat.')
    await box.press('Enter')
    await expect(replies(chat)).toContainText('little')
    await box.fill('And then?')
    await box.press('Enter')
    await expect(chat).toContainText('It will be sent after this reply.')
    await chat.getByRole('button', { name: 'Start over' }).click()
    const asked = await chat.evaluate(async (element) => {
      const one = element as Chat
      Object.assign(one, { minTokens: 0, maxTokens: 4 })
      await one.send('Hello!')
      return one.messages.filter(({ role }) => role === 'user').map(({ text }) => text)
    })
    expect(asked).toEqual(['Hello!'])
    await expect(box).toHaveValue('And then?')
  })

  test('a message sent while a conversation is begun anew goes into that @verify', async ({ page }) => {
    const chat = await openChat(page)
    const said = await chat.evaluate(async (element) => {
      const one = element as Chat
      const tick = new MessageChannel()
      const clearing = one.clear()
      while (one.session) {
        await new Promise((resolve) => {
          tick.port1.onmessage = resolve
          tick.port2.postMessage('')
        })
      }
      const reply = await one.send('Hello!')
      await clearing
      return reply?.text
    })
    expect(said).not.toBe('')
  })

  test('of conversations that are begun at once the last one stays, whichever is read first @verify', async ({
    page,
  }) => {
    const chat = await openChat(page)
    const shown = await chat.evaluate(async (element) => {
      const one = element as Chat
      const short = [{ role: 'user', text: 'Hello!' }] as const
      const long = Array.from({ length: 12 }, () => short[0])
      await Promise.all([one.restore(undefined, long), one.restore(undefined, short)])
      const restored = one.messages.length
      await Promise.all([one.restore(undefined, long), one.clear()])
      return { restored, cleared: one.messages.length }
    })
    expect(shown).toEqual({ restored: 1, cleared: 0 })
  })

  test('a restore that has been called off leaves the conversation that is there @verify', async ({ page }) => {
    const chat = await openChat(page)
    await say(chat, 'Hello!')
    const outcome = await chat.evaluate(async (element) => {
      const one = element as Chat
      const saved = await one.save()
      await one.send('And then?')
      const refused = await one.restore(saved, [], { signal: AbortSignal.abort() }).catch(({ name }) => name)
      return { refused, messages: one.messages.length }
    })
    expect(outcome).toEqual({ refused: 'AbortError', messages: 4 })
  })

  test('sampling attributes reach the engine, and what it refuses is said', async ({ page }) => {
    const chat = await openChat(page, { ...brief, 'max-tokens': '3' })
    await say(chat, 'Hello!')
    await expect(replies(chat)).toContainText('3 tokens')
    await chat.evaluate((element) => element.setAttribute('top-p', 'hot'))
    const code = await chat.evaluate((element) => {
      const heard = new Promise((resolve) =>
        (element as Chat).addEventListener('error', ({ detail }) => resolve(detail.code)),
      )
      void (element as Chat).send('Hello!').catch(() => {})
      return heard
    })
    expect(code).toBe('option/invalid')
    await expect(replies(chat).last()).toContainText('topP is NaN; expected a number from 0 to 1.')
    await chat.evaluate((element) => element.removeAttribute('top-p'))
    await say(chat, 'Hello!')
    await expect(replies(chat)).toHaveCount(3)
  })

  test('a saved conversation goes on in another page as it would have here', async ({ page, context }) => {
    const chat = await openChat(page)
    await say(chat, 'Tell me a story about a cat.')
    const saved = await chat.evaluate(async (element) => [...(await (element as Chat).save())])
    const here = await say(chat, 'And then?')

    const other = await context.newPage()
    await openEmpty(other)
    const twin = await addChat(other, { ...brief, loading: 'interaction' })
    await twin.evaluate((element, bytes) => (element as Chat).restore(new Blob([new Uint8Array(bytes)])), saved)
    await expect(mine(twin)).toHaveText('Tell me a story about a cat.') // shown before there is a model
    await loadButton(twin).click()
    await untilState(twin, 'ready')
    expect(await say(twin, 'And then?')).toBe(here)
    await expect(mine(twin)).toHaveCount(2)
    await expect(twin.getByText('does not remember')).toHaveCount(0)

    const refused = await twin.evaluate((element) =>
      (element as Chat).restore(new Uint8Array([1, 2, 3])).catch((error: Error) => error.message),
    )
    expect(refused).toContain('not a saved conversation')
    await expect(mine(twin)).toHaveCount(2)
  })
})

test.describe('on a page', () => {
  test('elements with the same src share one worker, which ends with the last of them', async ({ page }) => {
    const first = await openChat(page)
    const second = await addChat(page, {
      ...brief,
      src: 'models/../models/storyteller/',
      temperature: '1',
      loading: 'eager',
    })
    await untilState(second, 'ready')
    await expectWorkers(page, 1)
    const [one, two] = await Promise.all([say(first, 'Hello!'), say(second, 'Hello!')])
    expect(one).not.toBe('')
    expect(two).not.toBe('')
    await first.evaluate((element) => element.remove())
    await say(second, 'And then?')
    expect(page.workers()).toHaveLength(1)
    await second.evaluate((element) => element.remove())
    await expectWorkers(page, 0)
  })

  test('a conversation goes on after its element was moved, and after it was away @verify', async ({ page }) => {
    const chat = await openChat(page)
    await say(chat, 'Hello!')
    await chat.evaluate((element) => {
      const place = document.createElement('section')
      document.querySelector('main')?.append(place)
      place.append(element)
    })
    await untilState(chat, 'ready')
    await say(chat, 'And then?')
    await expect(replies(chat)).toHaveCount(2)

    await chat.evaluate((element) => {
      Object.assign(globalThis, { away: element })
      element.remove()
    })
    await expectWorkers(page, 0)
    await page.evaluate(() => document.querySelector('main')?.append((globalThis as unknown as { away: Node }).away))
    await untilState(chat, 'ready')
    await say(chat, 'And then?')
    await expect(replies(chat)).toHaveCount(3)
    await expect(chat.getByText('does not remember')).toHaveCount(0)
  })

  test('a conversation that is cleared while it is put away is forgotten @verify', async ({ page }) => {
    const chat = await openChat(page)
    await say(chat, 'Hello!')
    const remembered = await chat.evaluate(async (element) => {
      const one = element as Chat
      const until = (state: string) =>
        new Promise<void>((resolve) =>
          one.addEventListener('statechange', ({ detail }) => detail.state === state && resolve()),
        )
      const [idle, ready] = [until('idle'), until('ready')]
      one.remove()
      await idle
      const { port1, port2 } = new MessageChannel()
      await new Promise((resolve) => {
        port1.onmessage = resolve
        port2.postMessage('a moment later')
      })
      await one.clear()
      document.querySelector('main')?.append(one)
      await ready
      return one.session?.transcript()
    })
    expect(remembered).toEqual([])
  })

  test('works in a frame, and keeps its looks when it is moved into one @verify', async ({ page }) => {
    await page.route('**/outside.html', (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: '<!doctype html><iframe src="./embed.html" title="frame" width="900" height="700"></iframe>',
      }),
    )
    await page.goto('./outside.html')
    const inside = page.frameLocator('iframe').locator('#minimal')
    await untilState(inside, 'ready')
    await inside.evaluate((element) => Object.assign(element, { maxTokens: 4 }))
    expect(await say(inside, 'Hello!')).not.toBe('')

    await openEmpty(page)
    const display = await page.evaluate(async () => {
      const frame = document.createElement('iframe')
      document.body.append(frame)
      const chat = document.createElement('rwkv-chat')
      document.body.append(chat)
      await (chat as Chat & { updateComplete: Promise<unknown> }).updateComplete
      const fresh = document.createElement('rwkv-chat')
      frame.contentDocument?.body.append(chat, fresh)
      return [chat, fresh].map((one) => frame.contentWindow?.getComputedStyle(one).display)
    })
    expect(display).toEqual(['flex', 'flex'])
  })

  test('in a form its value is the conversation; reset begins anew; a disabled fieldset disables it', async ({
    page,
  }) => {
    await page.goto('./embed.html')
    const chat = page.locator('#in-form')
    await loadButton(chat).click()
    await untilState(chat, 'ready')
    await chat.evaluate((element) => element.setAttribute('max-tokens', '4'))
    const reply = (await say(chat, 'Hello!')).trim()
    await page.getByRole('textbox', { name: 'Your name' }).fill('Ann')
    await page.getByRole('button', { name: 'Show what would be sent' }).click()
    await expect(page.getByLabel('What would be sent')).toHaveText(
      `reader Ann conversation You: Hello! storyteller: ${reply}`,
    )
    await page.getByRole('button', { name: 'Reset' }).click()
    await expect(chat.getByRole('log')).toHaveCount(0)
    await expect(chat).toHaveJSProperty('value', '')

    await chat.evaluate((element) => {
      const fieldset = document.createElement('fieldset')
      fieldset.disabled = true
      element.replaceWith(fieldset)
      fieldset.append(element)
    })
    await expect(message(chat)).toBeDisabled()
  })

  test('another src is another conversation @verify', async ({ page }) => {
    const chat = await openChat(page)
    await say(chat, 'Hello!')
    await chat.evaluate((element) => element.setAttribute('src', './models/nowhere/'))
    await expect(loadButton(chat)).toBeVisible()
    await expect(chat.getByRole('log')).toHaveCount(0)
    await loadButton(chat).click()
    await expect(chat.getByRole('alert')).toContainText('models/nowhere/ has neither model.json')
    await chat.evaluate((element, src) => element.setAttribute('src', src), MODEL)
    await untilState(chat, 'ready')
    await expect(chat.getByRole('alert')).toHaveCount(0)
    expect(await say(chat, 'Hello!')).not.toBe('')
  })
})

test.describe('when something is wrong', () => {
  test('a src that is no address is a fault, and an empty one is none', async ({ page }) => {
    const thrown = await watch(page)
    await openEmpty(page)
    const chat = await addChat(page, { src: 'http://[', loading: 'eager' })
    await expect(chat.getByRole('alert')).toContainText('http://[ is no address')
    const empty = await addChat(page, { src: '', loading: 'eager' })
    await empty.evaluate((element) => (element as Chat).load())
    await untilState(empty, 'idle')
    expect(thrown).toEqual([])
  })

  test('a fault is a sentence with Try again, which works once the cause is gone @verify', async ({ page }) => {
    await openEmpty(page)
    await page.route('**/model.safetensors', (route) =>
      route.request().method() === 'HEAD'
        ? route.fallback()
        : route.fulfill({ status: 200, body: 'these are not weights, and not for long' }),
    )
    const chat = await addChat(page, brief)
    await expect(chat.getByRole('alert')).toContainText('The model could not be loaded.')
    await expect(chat.getByRole('alert')).toContainText('model.safetensors')
    await untilState(chat, 'failed')
    await expect(sendButton(chat)).toBeDisabled()
    await page.unrouteAll()
    await chat.getByRole('button', { name: 'Try again' }).click()
    await untilState(chat, 'ready')
    expect(await say(chat, 'Hello!')).not.toBe('')
  })

  test('a worker that dies in a reply keeps what was said and offers to load again', async ({ page }) => {
    const chat = await openChat(page, { src: MODEL, temperature: '0' })
    await message(chat).fill('Tell me a story about a cat.')
    await message(chat).press('Enter')
    await expect(replies(chat)).toContainText('Once upon')
    await page.workers()[0]?.evaluate(() => {
      setTimeout(() => {
        throw new Error('the worker is gone')
      })
    })
    await expect(chat.getByRole('alert')).toContainText('The reply broke off.')
    await expect(replies(chat)).toContainText('Once upon')
    await chat.getByRole('button', { name: 'Try again' }).click()
    await untilState(chat, 'ready')
    await chat.evaluate((element) => Object.assign(element, { maxTokens: 4 }))
    expect(await say(chat, 'Hello!')).not.toBe('')
    const read = await chat.evaluate(async (element) => {
      const { session } = element as Chat
      return (await session?.transcript())?.map(({ text }) => text.trim())
    })
    expect(read).toEqual(await chat.evaluate((element) => (element as Chat).messages.map(({ text }) => text.trim())))
  })

  test('a worker that goes without an event ends the reply that is stopped, and another one goes on @verify', async ({
    page,
  }) => {
    await page.clock.install()
    const chat = await openChat(page)
    await say(chat, 'Hello!')
    await page.clock.runFor(3000)
    await page.workers()[0]?.evaluate(() => close())
    await chat.evaluate((element) => {
      element.addEventListener('error', (event) => {
        element.dataset.code = (event as CustomEvent).detail.code
      })
    })
    await message(chat).fill('Tell me a story about a cat.')
    await message(chat).press('Enter')
    await stopButton(chat).click()
    await page.clock.runFor(20_000)
    await expect(chat).toHaveAttribute('data-code', 'worker/gone')
    await untilState(chat, 'ready')
    expect(await say(chat, 'And then?')).not.toBe('')
    const read = await chat.evaluate(async (element) => {
      const { session } = element as Chat
      return (await session?.transcript())?.map(({ text }) => text.trim())
    })
    expect(read).toEqual(await chat.evaluate((element) => (element as Chat).messages.map(({ text }) => text.trim())))
  })

  test('where no model can run it says so, or what the page puts into its slot', async ({ page }) => {
    await beginWorkerWith(page, `${NO_WEBGPU};${NO_WASM}`)
    await openEmpty(page)
    const chat = await addChat(page, brief)
    await untilState(chat, 'unsupported')
    await expect(chat.getByRole('alert')).toContainText('This browser cannot run the model yet')
    await expect(chat.getByRole('button', { name: 'Try again' })).toBeEnabled()
    await chat.evaluate((element) => {
      const own = document.createElement('p')
      own.slot = 'unsupported'
      own.textContent = 'Sorry, not here.'
      element.append(own)
    })
    await expect(chat.getByText('Sorry, not here.')).toBeVisible()
    await expect(chat.getByText('This browser cannot run')).toBeHidden()
  })
})
