/** @file Asks a browser what it lacks, in a page that tells its own server. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startWebKit } from '../webkit/webkit.ts'
import { probe, type Wanted } from './probe.ts'

/** Opens an address in a browser; resolves with what closes it. */
export type Open = (url: string) => Promise<() => unknown>

/** WebKitGTK, with a profile of its own. */
export const openInWebKit: Open = async (url) => {
  const webkit = await startWebKit()
  await webkit.open(url)
  return webkit.close
}

/** What the browser lacks of what is wanted. */
export async function askBrowser(open: Open, wanted: Wanted): Promise<Wanted> {
  const script = `(${probe})(${JSON.stringify(wanted)}).then((lacks) => fetch('/', { method: 'POST', body: JSON.stringify(lacks) }))`
  let tell = (_: string) => {}
  const told = new Promise<string>((resolve) => {
    tell = resolve
  })
  const server = createServer(async (request, response) => {
    if (request.method === 'POST') tell((await request.toArray()).join(''))
    response.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html><script>${script}</script>`)
  })
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  try {
    const close = await open(`http://localhost:${(server.address() as AddressInfo).port}/`)
    try {
      return JSON.parse(await told) as Wanted
    } finally {
      await close()
    }
  } finally {
    server.close()
    server.closeAllConnections()
  }
}
