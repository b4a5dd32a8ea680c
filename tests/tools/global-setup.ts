/** @file vitest's global setup of the GPU tests: worker processes inherit where to find software Vulkan. */

import { softwareVulkan } from './software-vulkan.mjs'

export function setup(): void {
  Object.assign(process.env, softwareVulkan())
}
