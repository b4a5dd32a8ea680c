import { readdirSync } from 'node:fs'
import { expect, type Page, test } from '@playwright/test'
import type { Chat } from './element-page.ts'
import { untilQuiet } from './quiet.ts'
import { payloads } from './xss-payloads.ts'

const assets = new URL('../../dist/demo/assets/', import.meta.url)
const chunkOf = (what: string) =>
  `./assets/${readdirSync(assets).find((name) => new RegExp(`^${what}-.*\\.js$`).test(name))}`

/** What happened that must not. */
interface Misdeeds {
  readonly misdeeds: string[]
}

/** The chat page with Markdown there, and a model that never comes: whatever is restored is only shown. */
async function openPage(page: Page): Promise<string[]> {
  const seen: string[] = []
  await page.addInitScript(() => {
    const misdeeds: string[] = []
    Object.assign(globalThis, {
      misdeeds,
      ran: () => misdeeds.push('a script ran'),
    })
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      misdeeds.push(`refused by ${violatedDirective}: ${blockedURI}`),
    )
  })
  await page.route('**/model.safetensors', () => {}) // it is waited for
  await page.goto('./')
  await expect(page.getByRole('progressbar')).toBeVisible()
  await page.evaluate(async (path) => {
    const { highlightCode } = await import(new URL(path, document.baseURI).href)
    const chat = document.querySelector('rwkv-chat') as Chat
    chat.highlightCode = highlightCode
  }, chunkOf('highlight'))
  await say(page, ['```js\nlet me\n```'])
  await expect(page.getByRole('article').locator('[part=code-keyword]')).toHaveText('let')
  await page.evaluate(async () => void (await navigator.serviceWorker.ready)) // it fetches on its own
  page.on('dialog', (dialog) => {
    seen.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.context().on('request', (request) => {
    if (!request.url().endsWith('/models/storyteller/model.safetensors')) seen.push(`request: ${request.url()}`) // held above
  })
  page.context().on('page', (opened) => seen.push(`page: ${opened.url()}`))
  page.on('framenavigated', (frame) => seen.push(`frame: ${frame.url()}`))
  page.on('console', (entry) => seen.push(`console: ${entry.text()}`))
  page.on('pageerror', (error) => seen.push(`thrown: ${error.message}`))
  return seen
}

/** Let the model have said each of `texts`. */
async function say(page: Page, texts: readonly string[]): Promise<void> {
  await page.evaluate(async (said) => {
    const chat = document.querySelector('rwkv-chat') as Chat & { updateComplete: Promise<boolean> }
    await chat.restore(
      undefined,
      said.map((text) => ({ role: 'assistant', text })),
    )
    await chat.updateComplete
  }, texts)
}

/** Everything in the shown replies that text has no need of. */
function findForbidden(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const text = 'p br hr h1 h2 h3 h4 h5 h6 blockquote ul ol li pre code strong em del table thead tbody tr'
    const allowed: Record<string, string[]> = {
      ...Object.fromEntries(text.split(' ').map((tag) => [tag, []])),
      a: ['href', 'target', 'rel'],
      ol: ['start'],
      th: ['align'],
      td: ['align'],
      button: ['type', 'class'],
      span: ['part'],
    }
    const root = document.querySelector('rwkv-chat')?.shadowRoot as ShadowRoot
    return [...root.querySelectorAll('.rich *')].flatMap((element) => {
      const faults: string[] = []
      const attributes = allowed[element.localName]
      if (!attributes || element.namespaceURI !== 'http://www.w3.org/1999/xhtml') faults.push(`<${element.nodeName}>`)
      for (const name of element.getAttributeNames())
        if (!attributes?.includes(name)) faults.push(`<${element.localName} ${name}>`)
      if (element.localName === 'span' && !/^code-[a-z_]+$/.test(element.getAttribute('part') ?? ''))
        faults.push('a span')
      if (element instanceof HTMLButtonElement && element.textContent !== 'Copy') faults.push('another button')
      if (element instanceof HTMLAnchorElement && element.hasAttribute('href')) {
        if (!/^(https?|mailto):$/.test(element.protocol)) faults.push(`href ${element.href}`)
        if (URL.parse(element.href)?.origin === location.origin) faults.push(`a link into this page: ${element.href}`)
        if (element.target !== '_blank' || element.rel !== 'noopener noreferrer') faults.push('an open link')
      }
      return faults
    })
  })
}

const misdeeds = (page: Page): Promise<string[]> => page.evaluate(() => (globalThis as unknown as Misdeeds).misdeeds)

test('Markdown becomes structure: emphasis, lists, code to copy, tables, links that give nothing away', async ({
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const seen = await openPage(page)
  await say(page, [
    [
      '## A plan\n\nThis is **bold**, *slanted* and ~~gone~~,\nand `code`.\n',
      '3. three\n4. four\n\n- one\n- two\n\n- [x] done\n- [ ] open\n',
      '```js\nconst a = "<b>"\nrun(a)\n```\n',
      '| left | right |\n| :--- | ---: |\n| 1 | 2 |\n',
      '> said\n\n[a page](https://example.org/a?b=1&c=2 "t"), <me@example.org>, https://example.org/bare\n',
    ].join('\n'),
  ])
  const reply = page.getByRole('article').last()
  await expect(reply.getByRole('heading', { name: 'A plan' })).toBeVisible()
  await expect(reply.locator('strong')).toHaveText('bold')
  await expect(reply.locator('em')).toHaveText('slanted')
  await expect(reply.locator('del')).toHaveText('gone')
  await expect(reply.locator('p code')).toHaveText('code')
  await expect(reply.getByRole('list').first()).toHaveAttribute('start', '3')
  await expect(reply.getByRole('listitem')).toHaveText(['three', 'four', 'one', 'two', '☑ done', '☐ open'])
  await expect(reply.getByRole('columnheader', { name: 'right' })).toHaveAttribute('align', 'right')
  await expect(reply.getByRole('cell', { name: '2' })).toHaveAttribute('align', 'right')
  await expect(reply.locator('blockquote')).toHaveText('said')
  const links = reply.getByRole('link')
  const hrefs = ['https://example.org/a?b=1&c=2', 'mailto:me@example.org', 'https://example.org/bare']
  await expect(links).toHaveCount(hrefs.length)
  for (const [place, href] of hrefs.entries()) {
    await expect(links.nth(place)).toHaveAttribute('href', href)
    await expect(links.nth(place)).toHaveAttribute('target', '_blank')
    await expect(links.nth(place)).toHaveAttribute('rel', 'noopener noreferrer')
  }
  await expect(reply.locator('pre [part=code-keyword]')).toHaveText('const')
  await expect(reply.locator('pre [part=code-string]')).toHaveText('"<b>"')
  await reply.locator('pre').getByRole('button', { name: 'Copy' }).click()
  await expect(reply.locator('pre').getByRole('button', { name: 'Copied' })).toBeVisible()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('const a = "<b>"\nrun(a)\n')
  expect(seen).toEqual([])
  expect(await misdeeds(page)).toEqual([])
})

test('a text that is nested without end stays text, and entities become letters, but for those in code', async ({
  page,
}) => {
  await openPage(page)
  const reply = page.getByRole('article').last().locator('.text')
  for (const nested of ['>'.repeat(20_000), '> '.repeat(20_000)]) {
    await say(page, [nested])
    await expect(reply).toHaveText(nested.trim())
  }
  await say(page, ['1 &lt; 2 &amp;&#109;&#x6F;re &constructor; `&lt;`'])
  await expect(reply).toHaveText('1 < 2 &more &constructor; &lt;')
})

test('a page may have replies plain, or show them itself', async ({ page }) => {
  await openPage(page)
  await say(page, ['**bold**'])
  const words = page.getByRole('article').last().locator('.text')
  const set = (given: Partial<Chat>) =>
    page.evaluate((given) => void Object.assign(document.querySelector('rwkv-chat') as Chat, given), given)
  await expect(words).toHaveText('bold')
  await set({ plain: true })
  await expect(words).toHaveText('**bold**')
  await page.evaluate(() => {
    const chat = document.querySelector('rwkv-chat') as Chat
    chat.renderReply = (text) => new Text(text.toUpperCase())
  })
  await expect(words).toHaveText('**BOLD**')
})

test('images are told by their words and never fetched', async ({ page }) => {
  const seen = await openPage(page)
  await say(page, ['Look: ![a red boat](https://example.org/boat.png) and ![](https://example.org/pixel.png)!'])
  await expect(page.getByRole('article').last().locator('.text')).toHaveText('Look: a red boat and !')
  await untilQuiet(page)
  expect(seen).toEqual([])
})

test('the checks below see what they are for', async ({ page }) => {
  const seen = await openPage(page)
  await page.evaluate(() => {
    const chat = document.querySelector('rwkv-chat') as Chat
    chat.renderReply = (text) => {
      const image = document.createElement('img')
      image.src = `https://example.org/${text}`
      return image
    }
  })
  await say(page, ['pixel.png'])
  await page.evaluate(() => (globalThis as unknown as { ran(): void }).ran())
  expect(await findForbidden(page)).toEqual(['<IMG>', '<img src>'])
  await expect.poll(() => misdeeds(page)).toContain('refused by img-src: https://example.org/pixel.png')
  expect(await misdeeds(page)).toContain('a script ran')
  expect(seen.join()).toContain('console:')
})

test('nothing that a model writes runs, asks, or gets out of its text', async ({ page }) => {
  const all = Object.values(payloads).flat()
  expect(all.length).toBeGreaterThanOrEqual(300)
  const seen = await openPage(page)
  for (const [family, texts] of Object.entries(payloads)) {
    await say(page, texts)
    await expect(page.getByRole('article')).toHaveCount(texts.length)
    expect(await findForbidden(page), family).toEqual([])
  }
  await say(page, [all.join('\n\n'), all.join(' ')])
  expect(await findForbidden(page)).toEqual([])
  await untilQuiet(page)
  expect(await misdeeds(page)).toEqual([])
  expect(seen).toEqual([])
})

test('nor as it streams in, cut anywhere @verify', async ({ page }) => {
  const seen = await openPage(page)
  // The first of each family, a character at a time: every beginning is shown once.
  const faults: string[] = []
  for (const [family, [text = '']] of Object.entries(payloads)) {
    const growing = `So: ${text}`
    for (let end = 4; end <= growing.length; end++) {
      await say(page, [growing.slice(0, end)])
      for (const fault of await findForbidden(page)) faults.push(`${family}, ${growing.slice(0, end)}: ${fault}`)
    }
  }
  await untilQuiet(page)
  expect(faults).toEqual([])
  expect(await misdeeds(page)).toEqual([])
  expect(seen).toEqual([])
})

test('nor in a text that is all of them, in two pieces cut at any place @verify', async ({ page }) => {
  const seen = await openPage(page)
  // In the page itself, where it is fast: after any first piece the whole is shown as if it had come at once.
  const differing = await page.evaluate(
    async ({ path, texts }) => {
      const { renderMarkdown } = await import(new URL(path, document.baseURI).href)
      const holder = document.createElement('div')
      document.body.append(holder)
      const show = (text: string) => {
        holder.replaceChildren(renderMarkdown(text, { labels: { copy: 'Copy', copied: 'Copied' } }))
        return holder.innerHTML
      }
      return texts.filter((text) => {
        const whole = show(text)
        for (let cut = 1; cut < text.length; cut++) {
          const first = show(text.slice(0, cut))
          if (
            /<(?!\/?(p|br|hr|h[1-6]|blockquote|ul|ol|li|pre|code|strong|em|del|a|table|thead|tbody|tr|th|td|button|span)\b)/.test(
              first,
            )
          )
            return true
          if (show(text) !== whole) return true
        }
        return false
      })
    },
    { path: chunkOf('markdown'), texts: Object.values(payloads).flat() },
  )
  expect(differing).toEqual([])
  await untilQuiet(page)
  expect(await misdeeds(page)).toEqual([])
  expect(seen).toEqual([])
})
