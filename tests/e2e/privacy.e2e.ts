import { fileURLToPath } from 'node:url'
import { expect, test } from '@playwright/test'
import { securityHeaders } from '../../demo/content-security.ts'
import { serveFiles } from '../tools/static-server.ts'
import { costOf, limitReplies, list, recordSummaries, send, status } from './chat-page.ts'
import { untilQuiet } from './quiet.ts'

const demo = fileURLToPath(new URL('../../dist/demo', import.meta.url))
const TURNS = 20

test('once loaded, twenty turns make no request: not the page, nor its workers, nor its service worker @verify', async ({
  context,
}) => {
  test.setTimeout(150_000)
  const heard: string[] = []
  const served = await serveFiles({
    folders: { '/': demo },
    headers: securityHeaders,
    // At times of its own choosing the browser looks for a new version of the app's worker.
    onRequest: (path) => path !== '/sw.js' && heard.push(`server: ${path}`),
  })
  try {
    context.on('request', (request) => {
      const from = request.serviceWorker() ? 'service worker' : 'page or worker'
      heard.push(`${from}: ${new URL(request.url()).pathname}`)
    })
    context.on('requestfailed', (request) => heard.push(`failed: ${request.url()}`))
    const page = await context.newPage()
    page.on('websocket', (socket) => heard.push(`socket: ${socket.url()}`))
    await recordSummaries(page)
    await page.goto(`${served.url}?greedy`)
    await expect(status(page)).toContainText('Ready for offline')
    await page.waitForLoadState('networkidle')
    expect(context.serviceWorkers()).toHaveLength(1)
    // The log hears all three; otherwise that it is empty would say nothing.
    for (const known of [
      'page or worker: /rwkv.worker.js',
      'page or worker: /models/storyteller/model.safetensors',
      'service worker: /index.html',
      'server: /models/storyteller/model.safetensors',
    ])
      expect(heard).toContain(known)

    heard.length = 0
    await limitReplies(page, 4)
    for (let turn = 0; turn < TURNS; turn++) {
      await send(page, `Tell me about **number** ${turn}. https://example.org/`)
      await costOf(page, turn)
    }
    await expect(list(page).getByRole('listitem')).toHaveCount(1)
    await page.getByRole('button', { name: 'New conversation' }).click()
    await untilQuiet(page)
    expect(heard).toEqual([])
  } finally {
    served.close()
  }
})
