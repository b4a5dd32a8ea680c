/** @file Draws the PNG icons of the app from demo/public/icon.svg: `node tests/tools/make-icons.mjs`. */

import { readFileSync } from 'node:fs'
import { chromium } from 'playwright'
import { ensureBrowser } from './ensure-browser.mjs'

const folder = new URL('../../demo/public/', import.meta.url)
const svg = readFileSync(new URL('icon.svg', folder), 'utf8')
// Maskable icons may be cut to a circle of 80 %; systems that round corners themselves want none.
const icons = [
  { file: 'icon-192.png', size: 192, inset: 0 },
  { file: 'icon-512.png', size: 512, inset: 0 },
  { file: 'icon-180.png', size: 180, inset: 0, square: true },
  { file: 'icon-maskable-512.png', size: 512, inset: 0.12, square: true },
]

const browser = await chromium.launch({ executablePath: ensureBrowser() })
for (const { file, size, inset, square = false } of icons) {
  const page = await browser.newPage({ viewport: { width: size, height: size } })
  const background = square ? '#1f6b55' : 'transparent'
  await page.setContent(
    `<style>body{margin:0;padding:${inset * size}px;background:${background}}svg{display:block;width:100%}</style>${svg}`,
  )
  await page.screenshot({ path: new URL(file, folder).pathname, omitBackground: true })
}
await browser.close()
