/**
 * @file Where Dawn finds a GPU on a Linux machine without one: the Vulkan loader and SwiftShader that come with Chromium.
 */

import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { findBrowser } from './ensure-browser.mjs'

/**
 * Environment variables to start a process with; empty where they are not needed, or where VK_DRIVER_FILES names a driver. The loader looks them up as the
 * process starts, so setting them later is too late for LD_LIBRARY_PATH.
 * @returns {Record<string, string>}
 */
export function softwareVulkan() {
  if (process.platform !== 'linux' || existsSync('/dev/dri') || process.env.VK_DRIVER_FILES) return {}
  const browser = findBrowser()
  const folders = browser ? [dirname(realpathSync(browser)), '/usr/lib/chromium', '/opt/google/chrome'] : []
  const folder = folders.find((path) => existsSync(path) && readdirSync(path).includes('vk_swiftshader_icd.json'))
  if (!folder) return {}
  const libraries = [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':')
  return { VK_DRIVER_FILES: join(folder, 'vk_swiftshader_icd.json'), LD_LIBRARY_PATH: libraries }
}
