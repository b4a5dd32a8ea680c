/**
 * @file `npm run builds -- --old DIST [--new DIST] [--rounds N] [--only decode,visit,first-load] [--device auto]`: this build
 * beside an earlier one, each a folder `dist` that `npm run build` has made, in one headless Chromium. In every round each does
 * its work in turn; printed are the medians, and of the rounds' ratios new ÷ old. CPU time is that of all of the browser's
 * processes (Linux).
 *
 * decode: a token of an f16 file of the shape of 169M; GPU bytes beside it. visit: from navigation to the first token of a
 * reply of storyteller, which is kept. first-load: of the same .pth from a server that gives 100 MB/s, until it is ready.
 */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type BrowserContext, chromium, type Page } from 'playwright'
import type { Model } from '../../src/index.ts'
import { browserFlags } from '../tools/browser.ts'
import { ensureBrowser } from '../tools/ensure-browser.mjs'
import { createProcessClock, parseParent } from './process-clock.ts'
import type { Cost } from './rounds.ts'
import { type ServedBuild, serveBuild } from './serve-build.ts'
import { summarize } from './statistics.ts'

const TOKENS = 8 // of a round of decode

/** What a contest needs: once for each build, and in every round. */
interface Contest {
  readonly name: string
  /** Resolves to what is run in a round, which tells what it found beside its time. */
  open(page: Page, served: ServedBuild, device: string): Promise<(clock: () => number) => Promise<Cost>>
}

declare global {
  /** Of a page of a build. */
  var library: typeof import('../../src/index.ts')
  /** Its model, once it is loaded. */
  var model: Model
  /** Of the chat page: milliseconds from navigation to the first token. */
  var firstToken: Promise<number>
}

/** Load the large model. @returns milliseconds until it is ready */
function loadLarge(page: Page, { large }: ServedBuild, device: string): Promise<number> {
  return page.evaluate(
    async ([source, device]) => {
      const start = performance.now()
      globalThis.model = await library.loadModel(source, { device: device as 'webgpu' })
      return performance.now() - start
    },
    [large, device] as const,
  )
}

/** The page with the package. */
async function openLibrary(page: Page, served: ServedBuild): Promise<void> {
  await page.goto(served.library)
  await page.waitForFunction(() => 'library' in globalThis)
}

const contests: readonly Contest[] = [
  {
    name: 'decode',
    async open(page, served, device) {
      await openLibrary(page, served)
      await loadLarge(page, served, device)
      const info = await page.evaluate(async () => {
        const { gpuByteLength } = await model.counters()
        return `${model.info.weights}, ${(gpuByteLength / 1e6).toFixed(0)} MB on the GPU`
      })
      console.log(`${served.name}: ${info}`)
      const step = () =>
        page.evaluate(async (tokens) => {
          const state = await model.createState()
          for (let id = 1; id <= tokens; id++) await state.feed([id], { chunk: 1 })
          await state.dispose()
        }, TOKENS)
      await step()
      return async (clock) => {
        const [wall, cpu] = [performance.now(), clock()]
        await step()
        return { wallMs: (performance.now() - wall) / TOKENS, cpuMs: (clock() - cpu) / TOKENS }
      }
    },
  },
  {
    name: 'visit',
    async open(page, served, device) {
      await page.addInitScript(() => {
        if (location.pathname.endsWith('library.html')) return
        globalThis.firstToken = new Promise((settle) => {
          addEventListener('token', () => settle(performance.now()), { once: true })
          addEventListener('statechange', (event) => {
            const { state } = (event as CustomEvent<{ state: string }>).detail
            if (state === 'ready') void document.querySelector('rwkv-chat')?.send('Hello!')
          })
        })
      })
      const visit = async (clock: () => number): Promise<Cost> => {
        await openLibrary(page, served)
        await page.evaluate(forgetConversations)
        const cpu = clock()
        await page.goto(`${served.page}?greedy&device=${device}`)
        const wallMs = await page.evaluate(() => firstToken)
        return { wallMs, cpuMs: clock() - cpu }
      }
      await visit(() => 0)
      await page.evaluate(() => navigator.serviceWorker.ready) // it has kept what it keeps
      return visit
    },
  },
  {
    name: 'first-load',
    open: async (page, served, device) => async (clock) => {
      await openLibrary(page, served)
      await page.evaluate(forgetFiles)
      const cpu = clock()
      const wallMs = await loadLarge(page, served, device)
      const cpuMs = clock() - cpu
      await page.goto('about:blank')
      return { wallMs, cpuMs }
    },
  },
]

/** A visit begins with an empty chat. */
async function forgetConversations(): Promise<void> {
  const gone = (name: string) =>
    new Promise<void>((settle, reject) => {
      const request = indexedDB.deleteDatabase(name)
      request.onsuccess = () => settle()
      request.onerror = () => reject(request.error)
    })
  for (const { name } of await indexedDB.databases()) if (name) await gone(name)
  localStorage.clear()
}

/** Nothing is kept. */
async function forgetFiles(): Promise<void> {
  const root = await navigator.storage.getDirectory()
  for await (const name of root.keys()) await root.removeEntry(name, { recursive: true })
}

/** The process that node has started last. */
function childOf(parent: number): number {
  const children = readdirSync('/proc').filter(
    (name) => /^\d+$/.test(name) && existsSync(`/proc/${name}/stat`) && parentOf(name) === parent,
  )
  return Math.max(...children.map(Number))
}

const parentOf = (pid: string) => parseParent(readFileSync(`/proc/${pid}/stat`, 'utf8'))

/** Exit code: 0 if everything was measured. */
export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      old: { type: 'string' },
      new: { type: 'string', default: 'dist' },
      rounds: { type: 'string', default: '5' },
      only: { type: 'string' },
      device: { type: 'string', default: 'webgpu' },
    },
  })
  const only = values.only?.split(',') ?? contests.map(({ name }) => name)
  if (values.old === undefined || !only.every((name) => contests.some((contest) => contest.name === name))) {
    console.error(
      'npm run builds -- --old DIST [--new DIST] [--rounds N] [--only decode,visit,first-load] [--device auto]',
    )
    return 2
  }
  const builds = [await serveBuild('old', resolve(values.old)), await serveBuild('new', resolve(values.new))]
  const profile = mkdtempSync(join(tmpdir(), 'builds-')) // an ordinary one: files are kept on the disk
  let context: BrowserContext | undefined
  try {
    context = await chromium.launchPersistentContext(profile, {
      executablePath: ensureBrowser(),
      args: [...browserFlags],
    })
    const clock = createProcessClock(childOf(process.pid))
    for (const contest of contests.filter(({ name }) => only.includes(name))) {
      const entries = []
      for (const served of builds) {
        const page = await context.newPage()
        page.on('pageerror', (error) => console.error(`${served.name}: ${error}`))
        entries.push({ served, page, run: await contest.open(page, served, values.device), costs: [] as Cost[] })
      }
      for (let round = 0; round < Number(values.rounds); round++)
        for (const { run, costs } of entries) costs.push(await run(clock))
      for (const { page } of entries) await page.close()
      for (const { served, costs } of entries)
        console.log(`${contest.name} ${served.name}: ${say(costs, 'cpuMs')} CPU ms, ${say(costs, 'wallMs')} wall ms`)
      const [old, ours] = entries.map(({ costs }) => costs)
      const ratios = ours.map(({ cpuMs, wallMs }, i) => ({
        cpuMs: cpuMs / (old[i]?.cpuMs ?? Number.NaN),
        wallMs: wallMs / (old[i]?.wallMs ?? Number.NaN),
      }))
      console.log(
        `${contest.name} new ÷ old: ${say(ratios, 'cpuMs', 2)} CPU, ${say(ratios, 'wallMs', 2)} wall; load ${loadavg()[0]}`,
      )
    }
    return 0
  } finally {
    await context?.close()
    rmSync(profile, { recursive: true, force: true })
    for (const { close } of builds) close()
  }
}

function say(costs: readonly Cost[], clock: keyof Cost, digits = 0): string {
  const { median, min, max } = summarize(costs.map((cost) => cost[clock]))
  return `${median.toFixed(digits)} (${min.toFixed(digits)} to ${max.toFixed(digits)})`
}
