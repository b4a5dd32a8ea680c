/** @file What to wait for where a test says that nothing happens. */

import type { Page } from '@playwright/test'

/**
 * Wait until whatever the page had begun has shown itself: an image asked for now has failed, as one asked for earlier
 * would have, observers have been told of a frame, and the page's thread has nothing left to do.
 */
export async function untilQuiet(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const image = new Image()
    await new Promise((resolve) => {
      image.onerror = resolve
      image.src = 'data:image/png,none'
    })
    await new Promise(requestAnimationFrame)
    await new Promise<void>((resolve) => requestIdleCallback(() => resolve()))
  })
}
