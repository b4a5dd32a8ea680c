/** @file Chromium as all tests use it: headless, with software WebGPU. */

import { type Browser, chromium } from 'playwright'
import { ensureBrowser } from './ensure-browser.mjs'

/** Flags that turn on software WebGPU; root needs no sandbox. */
export const browserFlags: readonly string[] = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
]

/** Launch it. The caller closes it. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: ensureBrowser(), args: [...browserFlags] })
}
