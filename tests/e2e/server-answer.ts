/** @file What the server answers, for tests that change it on its way to the page. */

import type { APIResponse, Route } from '@playwright/test'

/**
 * The answer to `route`, whole; from `url`, if it is another server's. Where there is none the page hears of a network
 * error, and `undefined` is returned: a page asks until it is closed, and Playwright fetches nothing for a test that has ended.
 */
export async function serverAnswer(
  route: Route,
  url = route.request().url(),
): Promise<{ response: APIResponse; body: Buffer } | undefined> {
  try {
    const response = await route.fetch({ url })
    return { response, body: await response.body() }
  } catch {
    await route.abort()
  }
}
