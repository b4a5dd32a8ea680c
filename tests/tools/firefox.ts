/**
 * @file Firefox as all tests use it: the system's own, headless, with software WebGPU, driven by Playwright over WebDriver
 * BiDi. (The Firefox that Playwright brings is a build of its own.)
 */

import { createRequire } from 'node:module'
import { type Browser, firefox, type LaunchOptions } from 'playwright'
import { ensureFirefox, findFirefox } from './ensure-firefox.mjs'
import { softwareVulkan } from './software-vulkan.mjs'

/** Mesa's software Vulkan on Debian, another adapter than SwiftShader. */
export const lavapipe = '/usr/share/vulkan/icd.d/lvp_icd.x86_64.json'

/**
 * How to launch it, on the GPU that the Vulkan `driver` gives; by default a real one, or else SwiftShader. Without `hasWebGpu`
 * it is as people on Linux have it.
 */
export function firefoxOptions({
  driver = softwareVulkan().VK_DRIVER_FILES,
  hasWebGpu = true,
}: {
  readonly driver?: string | undefined
  readonly hasWebGpu?: boolean
} = {}): LaunchOptions {
  answerForFirefox()
  const executablePath = findFirefox()
  const { LD_LIBRARY_PATH: _, ...env } = process.env // that of Dawn in node stalls it
  return {
    channel: 'moz-firefox',
    ...(executablePath && { executablePath }),
    firefoxUserPrefs: { 'dom.webgpu.enabled': hasWebGpu, 'gfx.webgpu.ignore-blocklist': hasWebGpu },
    env: { ...env, ...(driver && { VK_DRIVER_FILES: driver, VK_ICD_FILENAMES: driver }) },
  }
}

/** Launch it, installed first if there is none. The caller closes it. */
export function launchFirefox(): Promise<Browser> {
  ensureFirefox()
  return firefox.launch(firefoxOptions())
}

interface Transport {
  send(message: { readonly id: number; readonly method: string }): void
  onmessage?: (message: { readonly id: number; readonly type: string; readonly result: object }) => void
}

const UNKNOWN = 'emulation.setMediaFeaturesOverride'
let answers = false

/**
 * Playwright 1.65 tells every new page its colour scheme by a command that Firefox 153 does not know, and gives up when it
 * hears so. We say that it was done; tests in Firefox cannot choose a scheme.
 */
function answerForFirefox(): void {
  if (answers) return
  answers = true
  const { server } = createRequire(import.meta.resolve('playwright'))('playwright-core/lib/coreBundle')
  const transport: Transport = server.WebSocketTransport.prototype
  const { send } = transport
  transport.send = function (message) {
    if (message.method !== UNKNOWN) return send.call(this, message)
    queueMicrotask(() => this.onmessage?.({ id: message.id, type: 'success', result: {} }))
  }
}
