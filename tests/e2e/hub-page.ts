/** @file A repository of the Hub, as far as a browser sees. */

import type { BrowserContext } from '@playwright/test'
import { type HubFile, startHubServer } from '../tools/hub-server.mjs'
import { serverAnswer } from './server-answer.ts'

const HUB = 'https://huggingface.co'

/** Serve a repository under the Hub's name, until it is closed. */
export async function serveAsHub(context: BrowserContext, repository: string, files: HubFile[]) {
  const hub = await startHubServer({ repository, files })
  await context.route(`${HUB}/**`, async (route) => {
    const answer = await serverAnswer(route, route.request().url().replace(HUB, hub.url))
    if (answer) await route.fulfill(answer)
  })
  return hub
}
