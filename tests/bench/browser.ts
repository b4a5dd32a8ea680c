/** @file The benchmark's browser: headless Chromium with the page of `page.ts`, and the answers to what it asks for. */

import { chromium } from 'playwright'
import { browserFlags } from '../tools/browser.ts'
import { ensureBrowser } from '../tools/ensure-browser.mjs'
import { startPageServer } from '../tools/page-server.ts'
import { watchWorkers } from '../tools/worker-protocol.ts'
import { createProcessClock } from './process-clock.ts'
import type { Found, Plan } from './run-plan.ts'

/** The page, to run plans in. The caller closes it. */
export interface BenchBrowser {
  readonly version: string
  run(plan: Omit<Plan, 'models' | 'packages'>): Promise<Found>
  /** Milliseconds from the start of a worker to the first token of the built-in model, a run each. */
  readyMs(): Promise<readonly number[]>
  close(): Promise<void>
}

/** Launch it. @param log hears of progress */
export async function openBenchBrowser(log: (line: string) => void): Promise<BenchBrowser> {
  const server = await startPageServer()
  const chrome = await chromium.launchServer({ executablePath: ensureBrowser(), args: [...browserFlags] })
  const browser = await chromium.connect(chrome.wsEndpoint())
  const page = await browser.newPage()
  page.on('console', (message) => message.type() === 'error' && log(message.text()))
  const workers = await watchWorkers(page)
  const answers = {
    cpuMs: createProcessClock(chrome.process().pid ?? 0),
    heapByteLength: async () => workers.heapByteLength([...workers.sessions].at(-1) ?? ''),
    log,
  }
  await page.exposeFunction('harness', (ask: keyof typeof answers, line = '') => answers[ask](line))
  await page.goto(`${server.url}tests/bench/page.html`)
  await page.waitForFunction(() => document.title === 'ready')
  const models = `${server.url}demo/public/models/`
  const packages = `${server.url}tests/bench/node_modules/`
  return {
    version: browser.version(),
    run: (plan) => page.evaluate((plan) => bench.run(plan), { ...plan, models, packages }),
    readyMs: () => page.evaluate((model) => bench.readyMs(model), `${models}storyteller/`),
    async close() {
      await browser.close()
      await chrome.close()
      await server.close()
    },
  }
}
