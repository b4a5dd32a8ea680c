/** @file The built demo, with a script in front of each page's own that sees what goes wrong in it and finds things. */

import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { securityHeaders } from '../../demo/content-security.ts'
import { type Served, serveFiles } from '../tools/static-server.ts'

const BUILT = fileURLToPath(new URL('../../dist/demo', import.meta.url))
const PROBE = 'probe.js'

/** What the script puts into each page, for tests to use there. */
export interface Probe {
  /** Whatever went wrong: WebDriver has no way to the console. */
  readonly broken: string[]
  /** The button, or the label that is one, with these words. */
  button(words: string): HTMLElement | undefined
  /** The view that is shown, once it is the one of the address. */
  view(): HTMLElement | undefined
}

declare global {
  var probe: Probe
}

const script = `
const broken = []
const isOfChat = ({ target }) => target.localName === 'rwkv-chat' // which tells it to its reader itself
addEventListener('error', (event) => {
  if (!isOfChat(event)) broken.push(event.message ?? 'not loaded: ' + (event.target.src ?? event.target.href))
}, true)
addEventListener('unhandledrejection', ({ reason }) => broken.push('rejected: ' + reason))
addEventListener('securitypolicyviolation', (event) => broken.push(event.violatedDirective + ' refuses ' + event.blockedURI))
for (const level of ['warn', 'error']) console[level] = (...said) => broken.push(level + ': ' + said.join(' '))
const inSight = (selector) => [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility())
globalThis.probe = {
  broken,
  button: (words) => inSight('button, .button').find((one) => one.textContent === words),
  view() {
    const link = document.querySelector('.views [aria-current]')
    return link?.hash === (location.hash || '#chat').split('/')[0] ? inSight('.outlet > *')[0] : undefined
  },
}
`

/** Serve it, as hosts are asked to; `worker` is code in front of the worker's own. The caller closes it. */
export async function serveDemo({ worker = '' } = {}): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), 'rwkv-site-'))
  cpSync(BUILT, folder, { recursive: true })
  writeFileSync(join(folder, PROBE), script)
  for (const page of ['index.html', 'embed.html']) {
    const html = readFileSync(join(folder, page), 'utf8')
    writeFileSync(join(folder, page), html.replace('<head>', `<head><script src="./${PROBE}"></script>`))
  }
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    if (/rwkv\.worker[^/]*\.js$/.test(file))
      writeFileSync(join(folder, file), `${worker};${readFileSync(join(folder, file), 'utf8')}`)
  const served = await serveFiles({ folders: { '/': folder }, headers: securityHeaders })
  return {
    url: served.url,
    close() {
      served.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
