/** @file WebKitGTK's MiniBrowser, driven over WebDriver by plain fetch: Playwright's WebKit is another build. */

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installByApt } from '../tools/install.mjs'

const DRIVER = '/usr/bin/WebKitWebDriver'
const DISPLAY_SERVER = '/usr/bin/Xvfb'
const BROWSER = '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser'
const READY_MS = 60_000
const SCRIPT_MS = 120_000

/** A page in MiniBrowser. The caller closes it. */
export interface WebKit {
  /** Such as `2.50.6`. */
  readonly version: string
  open(url: string): Promise<void>
  /** Run `script` in the page, which has nothing but its arguments. What it rejects with is thrown here. */
  run<Args extends readonly unknown[], T>(script: (...args: Args) => T | Promise<T>, ...args: Args): Promise<T>
  /** As `run`; what it gives is clicked, as a user does. */
  click<Args extends readonly unknown[]>(script: (...args: Args) => Element | undefined, ...args: Args): Promise<void>
  /** Type into what has the focus; keys of WebDriver such as `\uE004`, Tab. */
  press(keys: string): Promise<void>
  /** Make the page so wide and high. */
  resize(width: number, height: number): Promise<void>
  /** PNG of what is to be seen. */
  screenshot(): Promise<Buffer>
  close(): Promise<void>
}

/** Start one with a profile of its own, installed first on a Debian without it. `language` is the system's, such as `C`. */
export async function startWebKit({ language = 'en_US.UTF-8' } = {}): Promise<WebKit> {
  const isHere = () => [DRIVER, DISPLAY_SERVER, BROWSER].every((file) => existsSync(file))
  if (!isHere()) installByApt('webkit2gtk-driver', 'xvfb')
  if (!isHere())
    throw new Error(`WebKitGTK is not here. Install ${DRIVER} and ${DISPLAY_SERVER} (Debian: webkit2gtk-driver, xvfb).`)

  const home = mkdtempSync(join(tmpdir(), 'rwkv-webkit-'))
  // The toolbar would keep the window from being as narrow as a phone.
  mkdirSync(join(home, 'gtk-3.0'))
  writeFileSync(
    join(home, 'gtk-3.0/gtk.css'),
    '* { min-width: 0; min-height: 0; margin: 0; padding: 0; font-size: 1px; -gtk-icon-transform: scale(0.1); }',
  )
  const display = spawn(DISPLAY_SERVER, ['-displayfd', '1', '-screen', '0', '1400x1200x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const port = await freePort()
  const driver = spawn(DRIVER, [`--port=${port}`, '--host=127.0.0.1'], {
    stdio: 'ignore',
    env: {
      PATH: process.env.PATH,
      DISPLAY: `:${await firstLine(display)}`,
      GDK_BACKEND: 'x11',
      HOME: home,
      LANG: language,
      ...Object.fromEntries(['CONFIG', 'CACHE', 'DATA'].map((what) => [`XDG_${what}_HOME`, home])),
    },
  })
  const end = () => {
    driver.kill()
    display.kill()
    rmSync(home, { recursive: true, force: true, maxRetries: 20 }) // both may still write as they end
  }
  try {
    return await openSession(`http://127.0.0.1:${port}`, end)
  } catch (error) {
    end()
    throw error
  }
}

async function openSession(driver: string, end: () => void): Promise<WebKit> {
  await untilReady(driver)
  const { sessionId, capabilities } = await call<Session>('POST', `${driver}/session`, {
    capabilities: {
      alwaysMatch: {
        timeouts: { script: SCRIPT_MS },
        'webkitgtk:browserOptions': { binary: BROWSER, args: ['--automation'] },
      },
    },
  })
  const session = `${driver}/session/${sessionId}`
  const run = async <T>(script: unknown, args: readonly unknown[]): Promise<T> => {
    const { value, fault } = await call<{ value: T; fault?: string }>('POST', `${session}/execute/async`, {
      script: `const [args, done] = [[...arguments].slice(0, -1), arguments[arguments.length - 1]]
        new Promise((resolve) => resolve((${script})(...args)))
          .then((value) => done({ value }), (error) => done({ fault: String(error) }))`,
      args,
    })
    if (fault !== undefined) throw new Error(fault)
    return value
  }
  return {
    version: capabilities.browserVersion,
    open: (url) => call('POST', `${session}/url`, { url }),
    run: (script, ...args) => run(script, args),
    async click(script, ...args) {
      const [element] = Object.values(await run<Record<string, string>>(script, args))
      await call('POST', `${session}/element/${element}/click`, {})
    },
    async press(keys) {
      const actions = [...keys].flatMap((value) => [
        { type: 'keyDown', value },
        { type: 'keyUp', value },
      ])
      await call('POST', `${session}/actions`, { actions: [{ type: 'key', id: 'keyboard', actions }] })
    },
    async resize(width, height) {
      await call('POST', `${session}/window/rect`, { width, height })
      const shown = await run<number>(() => innerHeight, [])
      await call('POST', `${session}/window/rect`, { width, height: 2 * height - shown })
    },
    screenshot: async () => Buffer.from(await call<string>('GET', `${session}/screenshot`), 'base64'),
    close: () => call<void>('DELETE', session).finally(end),
  }
}

interface Session {
  readonly sessionId: string
  readonly capabilities: { readonly browserVersion: string }
}

async function call<T>(method: string, url: string, body?: object): Promise<T> {
  const response = await fetch(url, { method, ...(body && { body: JSON.stringify(body) }) })
  const { value } = (await response.json()) as { value: T }
  if (!response.ok) throw new Error(`WebDriver refused ${method} ${url}: ${JSON.stringify(value)}`)
  return value
}

async function untilReady(driver: string): Promise<void> {
  const give = Date.now() + READY_MS
  for (;;) {
    try {
      await call('GET', `${driver}/status`)
      return
    } catch (error) {
      if (Date.now() > give) throw error
      await new Promise((settle) => setTimeout(settle, 50)) // it tells nobody when it listens
    }
  }
}

function firstLine({ stdout }: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    stdout?.once('data', (line) => resolve(String(line).trim()))
    stdout?.once('end', () => reject(new Error(`${DISPLAY_SERVER} did not start.`)))
  })
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
