/**
 * @file Puts the icon into the pages themselves. Chromium asks for an icon's file again whenever the address changes, and
 * a page that shows a view by its address would then make a request long after it was loaded.
 */

import { readFileSync } from 'node:fs'
import type { Plugin } from 'vite'

const LINK = 'href="./icon.svg" type="image/svg+xml"'

/** For the demo's pages. */
export function inlineIcon(): Plugin {
  return {
    name: 'rwkv:inline-icon',
    transformIndexHtml(html, { bundle }) {
      if (!html.includes(LINK)) {
        if (bundle) throw new Error(`The page has no ${LINK}.`)
        return html // a page of the dev server's user, such as a test
      }
      const svg = readFileSync(new URL('./public/icon.svg', import.meta.url), 'utf8')
      return html.replace(LINK, `href="data:image/svg+xml,${encodeURIComponent(svg)}" type="image/svg+xml"`)
    },
  }
}
