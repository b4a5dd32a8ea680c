/** @file The set through the page's API and the worker, in headless Chromium or Firefox. */

import { createReadStream, statSync } from 'node:fs'
import { join, normalize } from 'node:path'
import type { Browser } from 'playwright'
import type { Plugin } from 'vite'
import { startPageServer } from '../tools/page-server.ts'
import type { Plan, Results, RunOptions } from './run-set.ts'

/** Run `plan` over the models in `folder`/models, in a browser that `launch` gives. */
export async function runInBrowser(
  launch: () => Promise<Browser>,
  folder: string,
  plan: Plan,
  options: RunOptions,
  log: (line: string) => void,
): Promise<Results> {
  const server = await startPageServer([serveSet(folder), ...(options.simd === 'plain' ? [withoutRelaxedSimd()] : [])])
  const browser = await launch()
  try {
    const page = await browser.newPage()
    page.on('console', (message) => log(message.text()))
    await page.goto(`${server.url}tests/conformance/page.html`)
    await page.waitForFunction(() => document.title === 'ready')
    return await page.evaluate(
      ([plan, options]) =>
        (globalThis as unknown as { run(plan: unknown, options: unknown): Promise<Results> }).run(plan, options),
      [plan, options] as const,
    )
  } finally {
    await browser.close()
    await server.close()
  }
}

/** The set's files under /set, with ranges, before Vite sees the request. */
function serveSet(folder: string): Plugin {
  return {
    name: 'conformance-set',
    configureServer(server) {
      server.middlewares.use('/set', (request, response) => {
        const path = join(folder, normalize(decodeURIComponent(request.url ?? '')))
        const stat = path.startsWith(folder) ? statSync(path, { throwIfNoEntry: false }) : undefined
        if (!stat?.isFile()) {
          response.writeHead(404).end()
          return
        }
        const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '')
        const start = Number(range?.[1] ?? 0)
        const end = Math.min(Number(range?.[2] ?? Infinity), stat.size - 1)
        if (range && start >= stat.size) {
          response.writeHead(416, { 'content-range': `bytes */${stat.size}` }).end()
          return
        }
        response.writeHead(range ? 206 : 200, {
          'content-length': end - start + 1,
          ...(range && { 'content-range': `bytes ${start}-${end}/${stat.size}` }),
        })
        if (stat.size === 0) response.end()
        else createReadStream(path, { start, end }).pipe(response)
      })
    },
  }
}

/** Browsers have relaxed SIMD for good: the engine does not find it. */
function withoutRelaxedSimd(): Plugin {
  const question = 'WebAssembly.validate(relaxed)'
  return {
    name: 'without-relaxed-simd',
    transform(code, id) {
      if (!id.endsWith('/src/wasm/kernels.ts')) return
      if (!code.includes(question)) throw new Error(`${id} does not ask ${question} any more`)
      return code.replace(question, 'false')
    },
  }
}
